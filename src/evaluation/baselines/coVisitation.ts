import { type Interactions, toSequences } from '../../retrieval/interactions.ts';
import type { Baseline } from './baseline.ts';
import { countPairs } from './pairs.ts';

/** What follows within ten entries, from the last five items; the usual plain form, without normalisation. */
export function coVisitation(interactions: Interactions): Baseline {
  const pairs = countPairs(toSequences(interactions), interactions.itemCount, { window: 10, decay: 0.8, directed: true });
  const scores = new Float32Array(interactions.itemCount);
  return {
    name: 'co-visitation',
    score: (history) => {
      scores.fill(0);
      history
        .slice(-5)
        .reverse()
        .forEach((item, age) => {
          pairs.accumulate(item, 0.5 ** age, scores);
        });
      return scores;
    },
  };
}
