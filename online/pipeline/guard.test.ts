import { describe, expect, it } from 'vitest';
import { UnavailableError, UserError } from '../../src/domain/errors.ts';
import { createGuard } from './guard.ts';

describe('createGuard', () => {
  it('lets answers and a caller’s own faults through', async () => {
    const guard = createGuard('it', 1000);
    await expect(guard.run(async () => 7)).resolves.toBe(7);
    for (let i = 0; i < 10; i++) {
      await expect(guard.run(() => Promise.reject(new UserError('yours')))).rejects.toThrow('yours');
    }
    await expect(guard.run(async () => 8)).resolves.toBe(8);
  });

  it('gives up on what hangs', async () => {
    await expect(createGuard('it', 10).run(() => new Promise(() => {}))).rejects.toThrow(UnavailableError);
  });

  it('leaves alone what fails again and again', async () => {
    const guard = createGuard('it', 1000);
    let calls = 0;
    const fail = () => {
      calls++;
      return Promise.reject(new Error('down'));
    };
    for (let i = 0; i < 20; i++) await expect(guard.run(fail)).rejects.toThrow(UnavailableError);
    expect(calls).toBe(5);
    await expect(guard.run(fail)).rejects.toThrow('left alone');
  });
});
