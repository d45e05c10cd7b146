import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHeldOut, writeHeldOut } from './heldOut.ts';

describe('what was held out', () => {
  it('comes back as it was written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'winnow-heldout-'));
    const heldOut = { split: { kind: 'last' as const }, results: [{ actor: 'user:u1', target: 'i1', place: 3, top: ['i2'] }] };
    await writeHeldOut(folder, heldOut);
    expect(await readHeldOut(folder)).toEqual(heldOut);
  });

  it('says what to do, and what that needs, where nothing was held out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'winnow-heldout-'));
    await expect(readHeldOut(folder)).rejects.toThrow('which needs people with several actions each');
  });
});
