import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/domain/errors.ts';
import { createCursors } from './cursor.ts';

describe('cursors', () => {
  let now = 1_000_000;
  const cursors = createCursors({ secret: 'one', clock: () => now, ttlMs: 1_000 });

  it('give the state back', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (shown) => {
        expect(cursors.open(cursors.seal({ shown }))).toEqual({ shown });
      }),
    );
  });

  it('stay short for a thousand ids', () => {
    const shown = Array.from({ length: 1_000 }, (_, i) => `item-${i * 37}`);
    expect(cursors.seal({ shown }).length).toBeLessThan(8_000);
  });

  it('are refused when any character is changed, cut or added', () => {
    const token = cursors.seal({ shown: ['a', 'b'] });
    for (let i = 0; i < token.length; i++) {
      const other = token[i] === 'A' ? 'B' : 'A';
      expect(() => cursors.open(token.slice(0, i) + other + token.slice(i + 1))).toThrow(UserError);
      expect(() => cursors.open(token.slice(0, i))).toThrow(UserError);
    }
    expect(() => cursors.open(`${token}A`)).toThrow(UserError);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => cursors.open(text)).toThrow(UserError);
      }),
    );
  });

  it('are refused after their time, and from another service', () => {
    const token = cursors.seal(1);
    now += 999;
    expect(cursors.open(token)).toBe(1);
    now += 2;
    expect(() => cursors.open(token)).toThrow(/expired/);
    expect(() => cursors.open(createCursors({ secret: 'two', clock: () => now }).seal(1))).toThrow(/not a cursor/);
  });
});
