import { buildCoVisitation, createCoVisitation } from '../../retrieval/coVisitation.ts';
import { type Interactions, toSequences } from '../../retrieval/interactions.ts';
import type { Baseline } from './baseline.ts';
import { plainPairs } from './pairs.ts';

/** Items whose people are the same: cosine between items' sets of people, summed over the history (Sarwar et al. 2001). */
export function itemKnn(interactions: Interactions): Baseline {
  const settings = { ...plainPairs, window: 200, decay: 1, norm: 0.5, fromNorm: 0.5, directed: false };
  const pairs = createCoVisitation(buildCoVisitation(toSequences(interactions), interactions.itemCount, settings));
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
