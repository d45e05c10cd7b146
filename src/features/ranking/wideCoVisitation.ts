import { ranksOf } from '../../kernels/ranks.ts';
import type { RankingFeature } from '../feature.ts';
import { type FeatureInputs, logOf } from './shared.ts';

const LAST = 50;
const DECAY = 0.98;
const FLOOR = 1e-4;

/** What the same people do at all, whatever the order: over the last fifty items. */
export function wideCoVisitation({ models }: FeatureInputs): RankingFeature {
  return {
    name: 'wide-covisitation',
    version: 1,
    columns: ['wide.score', 'wide.logRank'],
    sources: ['actions', 'models'],
    write: (list, out, offset, stride) => {
      const { size, historyOrdinals, places } = list;
      const scores = new Float32Array(size);
      for (let age = 0; age < Math.min(LAST, historyOrdinals.length); age++) {
        const from = historyOrdinals[historyOrdinals.length - 1 - age]!;
        models.wideCoVisitation.accumulatePlaced(from, DECAY ** age, places, scores);
      }
      const ranks = ranksOf(scores);
      for (let i = 0; i < size; i++) {
        if (scores[i] !== 0) out[i * stride + offset] = Math.log1p(scores[i]! / FLOOR);
        out[i * stride + offset + 1] = logOf(ranks[i]!);
      }
    },
  };
}
