import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../domain/errors.ts';
import { buildCoVisitation, type CoVisitationSettings, createCoVisitation } from './coVisitation.ts';
import { interactionsBuilder, toSequences } from './interactions.ts';
import type { CoVisitation } from './models.ts';

const base: CoVisitationSettings = {
  window: 2,
  decay: 0.5,
  norm: 0.25,
  fromNorm: 0.5,
  directed: true,
  budget: 1e6,
  last: 2,
  historyDecay: 0.5,
};

function sequencesOf(lists: readonly (readonly number[])[], itemCount: number) {
  const builder = interactionsBuilder({ click: 1 });
  for (const [a, list] of lists.entries()) {
    for (const [time, item] of list.entries())
      builder.add({ actor: `user:${String(a).padStart(3, '0')}`, item, time, type: 'click' });
  }
  return toSequences(builder.finish(itemCount));
}

/** The scores of everything after one item. */
const rowOf = (table: CoVisitation, from: number): number[] => [...table.scoreHistory([from], { last: 1 })];

describe('co-visitation', () => {
  test('counts what follows, decayed by distance and damped by frequency', () => {
    const table = createCoVisitation(buildCoVisitation(sequencesOf([[0, 1, 2]], 4), 4, { ...base, norm: 0, fromNorm: 0 }));
    expect(rowOf(table, 0)).toEqual([0, 1, 0.5, 0]);
    expect(rowOf(table, 1)).toEqual([0, 0, 1, 0]);
    expect(rowOf(table, 3)).toEqual([0, 0, 0, 0]);
    expect(rowOf(table, 99)).toEqual([0, 0, 0, 0]);
    expect([...table.scoreHistory([0, 1])]).toEqual([0, 0.5, 1.25, 0]);
  });

  test('says how many items it can count where there are more, and minds no number of them that nobody took', () => {
    const build = (taken: number[]) => buildCoVisitation(sequencesOf([taken], 0), 4_194_305, base);
    expect(() => build([0, 1])).toThrow(UserError);
    expect(() => build([0, 1])).toThrow('at most 4194304 items, and the catalogue has 4194305');
    expect(build([]).items).toHaveLength(0);
  });

  test('equals the definition on any sequences', () => {
    const lists = fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 8 }), { maxLength: 6 });
    fc.assert(
      fc.property(lists, fc.boolean(), fc.integer({ min: 1, max: 4 }), (raw, directed, window) => {
        const sequences = sequencesOf(raw, 6);
        const settings = { ...base, directed, window };
        const data = buildCoVisitation(sequences, 6, settings);
        const table = createCoVisitation(data);
        const expected = naive(sequences, 6, settings);
        for (let from = 0; from < 6; from++) {
          const row = rowOf(table, from);
          for (let to = 0; to < 6; to++) expect(row[to]!).toBeCloseTo(expected[from]![to]!, 5);
          const placed = new Float32Array(3);
          table.accumulatePlaced(from, 2, Int32Array.of(3, 0, 1, 0, 0, 2), placed);
          expect(placed).toEqual(Float32Array.from([2, 5, 0], (to) => 2 * row[to]!));
        }
        const { offsets, scores } = data;
        for (let i = 1; i < scores.length; i++) if (!offsets.includes(i)) expect(scores[i]!).toBeLessThanOrEqual(scores[i - 1]!);
        for (const history of [[0, 3], [5], [], [99, 1, 1]]) {
          const reached = table.reach(history);
          expect(reached.scores).toEqual(table.scoreHistory(history));
          expect([...reached.items].sort()).toEqual([...reached.scores.keys()].filter((i) => reached.scores[i]! > 0));
        }
      }),
    );
  });
});

function naive(
  { offsets, items }: ReturnType<typeof toSequences>,
  itemCount: number,
  settings: CoVisitationSettings,
): number[][] {
  const sums = Array.from({ length: itemCount }, () => new Array<number>(itemCount).fill(0));
  const counts = new Array<number>(itemCount).fill(0);
  for (const item of items) counts[item]!++;
  for (let a = 0; a + 1 < offsets.length; a++) {
    for (let i = offsets[a]!; i < offsets[a + 1]!; i++) {
      for (let j = offsets[a]!; j < offsets[a + 1]!; j++) {
        const distance = Math.abs(j - i);
        if (distance === 0 || distance > settings.window || items[i] === items[j] || (settings.directed && j < i)) continue;
        sums[items[i]!]![items[j]!]! += settings.decay ** (distance - 1);
      }
    }
  }
  const damp = (item: number, power: number) => Math.max(1, counts[item]!) ** -power;
  return sums.map((row, from) => row.map((sum, to) => sum * damp(to, settings.norm) * damp(from, settings.fromNorm)));
}
