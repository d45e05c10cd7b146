import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { before, type Interactions, interactionsBuilder, selectEntries, toSequences } from './interactions.ts';

const rows = fc.array(
  fc.record({
    actor: fc.constantFrom('user:b', 'user:a', 'session:ü', 'user:10', 'user:9'),
    item: fc.integer({ min: 0, max: 9 }),
    time: fc.integer({ min: 0, max: 5 }),
    type: fc.constantFrom('click', 'view', 'dislike'),
  }),
  { maxLength: 80 },
);
const build = (list: readonly { actor: string; item: number; time: number; type: string }[]) => {
  const builder = interactionsBuilder({ click: 1, view: 0.2, dislike: -1 });
  for (const row of list) builder.add(row);
  return builder.finish(10);
};

const withoutLast = (whole: Interactions, n: number): Interactions =>
  selectEntries(whole, (a) => Math.max(0, whole.offsets[a + 1]! - whole.offsets[a]! - n));

describe('interactions', () => {
  test('are grouped by actor and ordered by time, equal times as they came', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const { actors, offsets, items, times, types, typeNames } = build(list);
        expect(actors).toEqual([...new Set(list.map(({ actor }) => actor))].sort());
        for (const [a, actor] of actors.entries()) {
          const expected = list.filter((row) => row.actor === actor).sort((x, y) => x.time - y.time);
          const got = expected.map((_, i) => offsets[a]! + i);
          expect(offsets[a + 1]! - offsets[a]!).toBe(expected.length);
          expect(got.map((i) => items[i])).toEqual(expected.map(({ item }) => item));
          expect(got.map((i) => times[i])).toEqual(expected.map(({ time }) => time));
          expect(got.map((i) => typeNames[types[i]!])).toEqual(expected.map(({ type }) => type));
        }
      }),
    );
  });

  test('a cut by count or by time is what a log that ended earlier would give', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 0, max: 3 }), (list, n) => {
        const whole = build(list);
        const cut = withoutLast(whole, n);
        for (let a = 0; a < whole.actors.length; a++) {
          const length = Math.max(0, whole.offsets[a + 1]! - whole.offsets[a]! - n);
          const expected = whole.items.slice(whole.offsets[a], whole.offsets[a]! + length);
          expect(cut.items.slice(cut.offsets[a], cut.offsets[a + 1])).toEqual(expected);
        }
        const early = before(whole, 3);
        const direct = build(list.filter(({ time }) => time < 3));
        expect([...early.items]).toEqual([...direct.items]);
        expect([...early.times]).toEqual([...direct.times]);
      }),
    );
  });

  test('what is cut off cannot be told from what is left', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 0, max: 9 }), (list, other) => {
        const lastOf = new Map<string, number>();
        for (const [i, { actor, time }] of list.entries()) {
          const known = lastOf.get(actor);
          if (known === undefined || time >= list[known]!.time) lastOf.set(actor, i);
        }
        const replaced = list.map((row, i) => (lastOf.get(row.actor) === i ? { ...row, item: other } : row));
        expect(withoutLast(build(replaced), 1)).toEqual(withoutLast(build(list), 1));
      }),
    );
  });

  test('sequences leave out what nobody wanted and immediate repeats', () => {
    const at = (item: number, time: number, type = 'click') => ({ actor: 'user:a', item, time, type });
    const sequences = toSequences(build([at(1, 0), at(1, 1), at(2, 2, 'dislike'), at(1, 3), at(3, 4, 'view'), at(1, 5)]));
    expect([...sequences.items]).toEqual([1, 3, 1]);
    expect([...sequences.offsets]).toEqual([0, 3]);
  });
});
