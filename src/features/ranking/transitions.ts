import type { RankingFeature } from '../feature.ts';
import type { FeatureInputs } from './shared.ts';

const LAST = 3;
const FLOOR = 1e-4;

/** How often the candidate came directly after each of the last three items. */
export function transitions({ models }: FeatureInputs): RankingFeature {
  return {
    name: 'transitions',
    version: 1,
    columns: Array.from({ length: LAST }, (_, i) => `transition.last${i + 1}`),
    sources: ['actions', 'models'],
    write: (list, out, offset, stride) => {
      const { size, historyOrdinals, places } = list;
      const scores = new Float32Array(size);
      for (let age = 0; age < Math.min(LAST, historyOrdinals.length); age++) {
        scores.fill(0);
        models.transitions.accumulatePlaced(historyOrdinals[historyOrdinals.length - 1 - age]!, 1, places, scores);
        for (let i = 0; i < size; i++) {
          if (scores[i] !== 0) out[i * stride + offset + age] = Math.log1p(scores[i]! / FLOOR);
        }
      }
    },
  };
}
