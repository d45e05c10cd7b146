import type { Sequences } from '../../retrieval/interactions.ts';

/** Counts of item pairs, by the first item. */
export interface PairCounts {
  /** Adds `weight × count` of every item paired with `from`. */
  accumulate(from: number, weight: number, into: Float32Array): void;
  /** Divides every count by what `scale` says of the pair. */
  rescale(scale: (from: number, to: number) => number): void;
}

/** Counts, within each history, the pairs at most `window` apart; each further step counts `decay` times as much. */
export function countPairs(
  { offsets, items }: Pick<Sequences, 'offsets' | 'items'>,
  itemCount: number,
  { window, decay, directed }: { window: number; decay: number; directed: boolean },
): PairCounts {
  const rows = Array.from({ length: itemCount }, () => new Map<number, number>());
  for (let a = 0; a + 1 < offsets.length; a++) {
    for (let i = offsets[a]!; i < offsets[a + 1]!; i++) {
      let weight = 1;
      for (let j = i + 1; j < Math.min(offsets[a + 1]!, i + 1 + window); j++, weight *= decay) {
        const [from, to] = [items[i]!, items[j]!];
        if (from === to) continue;
        rows[from]!.set(to, (rows[from]!.get(to) ?? 0) + weight);
        if (!directed) rows[to]!.set(from, (rows[to]!.get(from) ?? 0) + weight);
      }
    }
  }
  return {
    accumulate: (from, weight, into) => {
      for (const [to, count] of rows[from] ?? []) into[to]! += weight * count;
    },
    rescale: (scale) => {
      rows.forEach((row, from) => {
        for (const [to, count] of row) row.set(to, count / scale(from, to));
      });
    },
  };
}
