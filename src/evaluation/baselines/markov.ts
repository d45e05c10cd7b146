import { buildCoVisitation, createCoVisitation } from '../../retrieval/coVisitation.ts';
import { type Interactions, toSequences } from '../../retrieval/interactions.ts';
import type { Baseline } from './baseline.ts';
import { plainPairs } from './pairs.ts';

/** What came directly after the last item; popularity breaks ties and fills up. */
export function markov(interactions: Interactions): Baseline {
  const sequences = toSequences(interactions);
  const next = createCoVisitation(buildCoVisitation(sequences, interactions.itemCount, { ...plainPairs, window: 1 }));
  const counts = new Float32Array(interactions.itemCount);
  for (const item of sequences.items) counts[item]!++;
  const total = sequences.items.length + 1;
  const scores = new Float32Array(interactions.itemCount);
  return {
    name: 'Markov',
    score: (history) => {
      for (let i = 0; i < scores.length; i++) scores[i] = counts[i]! / total;
      if (history.length > 0) next.accumulate(history.at(-1)!, 1, scores);
      return scores;
    },
  };
}
