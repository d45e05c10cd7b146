import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/domain/errors.ts';
import { createCursors } from './cursor.ts';

describe('createCursors', () => {
  const cursors = createCursors({ secret: 's', clock: () => 1000 });

  it('gives back what it sealed', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (shown) => {
        expect(cursors.open(cursors.seal({ shown }))).toEqual({ shown });
      }),
    );
  });

  it('refuses a token with any character changed, added or taken away', () => {
    const token = cursors.seal({ shown: ['a', 'b'] });
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom('A', 'z', '-', '=', ' '), (at, character) => {
        fc.pre(token[at] !== character);
        expect(() => cursors.open(token.slice(0, at) + character + token.slice(at + 1))).toThrow(UserError);
      }),
    );
    expect(() => cursors.open(`${token}=`)).toThrow(UserError);
    expect(() => cursors.open(token.slice(1))).toThrow(UserError);
    expect(() => cursors.open('')).toThrow(UserError);
  });

  it('refuses another secret’s, and one that is too old', () => {
    const token = cursors.seal([1]);
    expect(() => createCursors({ secret: 't', clock: () => 1000 }).open(token)).toThrow(/not one that was given out/);
    expect(() => createCursors({ secret: 's', clock: () => 1000 + 3_600_001 }).open(token)).toThrow(/expired/);
  });
});
