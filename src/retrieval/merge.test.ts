import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeProposals } from './merge.ts';

const entries = (keys: readonly string[]) => keys.map((key, i) => ({ key, score: -i }));

describe('mergeProposals', () => {
  test('gives each source its share at every cut', () => {
    const a = { source: 'a', quota: 3, entries: entries(['a1', 'a2', 'a3', 'a4', 'a5', 'a6']) };
    const b = { source: 'b', quota: 1, entries: entries(['b1', 'b2', 'b3']) };
    expect(mergeProposals([a, b], 8).map(({ key }) => key)).toEqual(['a1', 'a2', 'a3', 'b1', 'a4', 'a5', 'a6', 'b2']);
  });

  test('names every list an entry is on, and lets it cost only the one that brought it', () => {
    const a = { source: 'a', quota: 1, entries: entries(['x', 'a2']) };
    const b = { source: 'b', quota: 1, entries: entries(['x', 'b2']) };
    const merged = mergeProposals([a, b], 10);
    expect(merged.map(({ key }) => key)).toEqual(['x', 'b2', 'a2']);
    expect(merged[0]!.hits).toEqual([
      { source: 'a', score: -0, rank: 1 },
      { source: 'b', score: -0, rank: 1 },
    ]);
  });

  test('sources without a share fill what is left', () => {
    const a = { source: 'a', quota: 1, entries: entries(['a1']) };
    const filler = { source: 'popular', quota: 0, entries: entries(['p1', 'a1', 'p2']) };
    expect(mergeProposals([filler, a], 3).map(({ key }) => key)).toEqual(['a1', 'p1', 'p2']);
  });

  test('returns distinct entries, as many as there are up to the pool, whatever the lists', () => {
    const list = fc.record({
      source: fc.constantFrom('a', 'b', 'c'),
      quota: fc.constantFrom(0, 0.1, 1, 7),
      entries: fc.uniqueArray(fc.integer({ min: 0, max: 30 })).map((keys) => keys.map((key) => ({ key, score: 1 }))),
    });
    fc.assert(
      fc.property(fc.array(list, { maxLength: 5 }), fc.integer({ min: 0, max: 40 }), (lists, size) => {
        const keys = mergeProposals(lists, size).map(({ key }) => key);
        const all = new Set(lists.flatMap((each) => each.entries.map(({ key }) => key)));
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys.length).toBe(Math.min(size, all.size));
      }),
    );
  });
});
