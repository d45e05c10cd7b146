import type { Fields } from '../../../src/domain/item.ts';
import type { VectorCatalogue } from './vectors.ts';

/**
 * Ids of the `k` items nearest to a query among those that a condition keeps, by inner product: every item scored in turn,
 * with none of the code that is measured.
 */
export function nearest(
  { items, entries }: VectorCatalogue,
  query: Float32Array,
  k: number,
  keeps: (fields: Fields) => boolean,
): Set<string> {
  const best: { id: string; score: number }[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < items.length; i++) {
    const { vector } = entries[i]!;
    let score = 0;
    for (let d = 0; d < vector.length; d++) score += vector[d]! * query[d]!;
    if (score <= least || !keeps(items[i]!.fields)) continue;
    best.push({ id: items[i]!.id, score });
    if (best.length < 2 * k) continue;
    best.sort((a, b) => b.score - a.score);
    best.length = k;
    least = best[k - 1]!.score;
  }
  best.sort((a, b) => b.score - a.score);
  return new Set(best.slice(0, k).map(({ id }) => id));
}
