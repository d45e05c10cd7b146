import type { SourceHit } from '../domain/pipeline.ts';

/** One source's list, best first; an entry is known by its key (an id, or an ordinal). */
export interface SourceList<K> {
  readonly source: string;
  /** Share of the pool, in proportion to the others'. A source with 0 fills places that the rest leave empty. */
  readonly quota: number;
  readonly entries: readonly { readonly key: K; readonly score: number }[];
}

export interface MergedEntry<K> {
  readonly key: K;
  /** Every list it is on, in the order of the lists. */
  readonly hits: readonly SourceHit[];
}

/**
 * Takes from the lists in turn, so that at any cut each source has had its share; an entry that another source brought
 * already costs nothing. What the shares leave empty is filled by whoever has more, and then by the sources without a share.
 */
export function mergeProposals<K>(lists: readonly SourceList<K>[], poolSize: number): MergedEntry<K>[] {
  const taken = new Map<K, SourceHit[]>();
  const takeFrom = (group: readonly SourceList<K>[], share: (list: SourceList<K>) => number) => {
    const cursors = group.map(() => 0);
    const brought = group.map(() => 0);
    const advance = (g: number): number => {
      const { entries } = group[g]!;
      while (cursors[g]! < entries.length && taken.has(entries[cursors[g]!]!.key)) cursors[g]!++;
      return cursors[g]!;
    };
    while (taken.size < poolSize) {
      let next = -1;
      for (let g = 0; g < group.length; g++) {
        if (advance(g) >= group[g]!.entries.length) continue;
        if (next < 0 || (brought[g]! + 1) / share(group[g]!) < (brought[next]! + 1) / share(group[next]!)) next = g;
      }
      if (next < 0) return;
      taken.set(group[next]!.entries[cursors[next]!]!.key, []);
      brought[next]!++;
    }
  };
  takeFrom(
    lists.filter((list) => list.quota > 0),
    (list) => list.quota,
  );
  takeFrom(
    lists.filter((list) => list.quota <= 0),
    () => 1,
  );
  for (const { source, entries } of lists) {
    for (let i = 0; i < entries.length; i++) {
      const { key, score } = entries[i]!;
      const hits = taken.get(key);
      // Lists come one after the other, so that a second hit of this one would follow the first.
      if (hits === undefined || hits.at(-1)?.source === source) continue;
      hits.push({ source, score, rank: i + 1 });
    }
  }
  return Array.from(taken, ([key, hits]) => ({ key, hits }));
}
