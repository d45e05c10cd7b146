import { type Interactions, toSequences } from '../../retrieval/interactions.ts';
import type { Baseline } from './baseline.ts';
import { countPairs } from './pairs.ts';

/** Shrinks the similarity of pairs that are seldom seen together. */
const SHRINKAGE = 10;

/** Items whose people are the same: cosine between items' sets of people, summed over the history (Sarwar et al. 2001). */
export function itemKnn(interactions: Interactions): Baseline {
  const { offsets, items } = toSequences(interactions);
  const window = 200;
  const pairs = countPairs({ offsets, items }, interactions.itemCount, { window, decay: 1, directed: false });
  const counts = new Float64Array(interactions.itemCount);
  for (const item of items) counts[item]!++;
  pairs.rescale((from, to) => Math.sqrt(counts[from]! * counts[to]!) + SHRINKAGE);
  const scores = new Float32Array(interactions.itemCount);
  return {
    name: 'item-kNN',
    score: (history) => {
      scores.fill(0);
      for (const item of history) pairs.accumulate(item, 1, scores);
      return scores;
    },
  };
}
