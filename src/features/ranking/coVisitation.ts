import { ranksOf } from '../../kernels/ranks.ts';
import type { RankingFeature } from '../feature.ts';
import { type FeatureInputs, logOf } from './shared.ts';

/** How much of the history, and how fast its weight falls with age. */
const LAST = 10;
const DECAY = 0.6;
/** Items of the history that get a column of their own. */
const SINGLE = 5;
/** A long memory beside it: slow decay over many items. */
const LONG_LAST = 20;
const LONG_DECAY = 0.9;
/** Keeps the logarithm of a zero score finite. */
const FLOOR = 1e-4;

const singles = Array.from({ length: SINGLE }, (_, i) => `covisitation.last${i + 1}`);

/** What tends to follow the history's latest items: in sum, by rank, and for each of the last few alone. */
export function coVisitation({ models }: FeatureInputs): RankingFeature {
  return {
    name: 'covisitation',
    version: 2,
    columns: ['covisitation.score', 'covisitation.logRank', 'covisitation.inverseRank', 'covisitation.long', ...singles],
    sources: ['actions', 'models'],
    write: (list, out, offset, stride) => {
      const { size, historyOrdinals, places } = list;
      const scores = new Float32Array(size);
      const long = new Float32Array(size);
      const single = new Float32Array(size);
      for (let age = 0; age < Math.min(LONG_LAST, historyOrdinals.length); age++) {
        const from = historyOrdinals[historyOrdinals.length - 1 - age]!;
        if (age >= LAST) {
          models.coVisitation.accumulatePlaced(from, LONG_DECAY ** age, places, long);
          continue;
        }
        single.fill(0);
        models.coVisitation.accumulatePlaced(from, 1, places, single);
        const weight = DECAY ** age;
        const longWeight = LONG_DECAY ** age;
        for (let i = 0; i < size; i++) {
          const score = single[i]!;
          if (score === 0) continue;
          scores[i]! += weight * score;
          long[i]! += longWeight * score;
          if (age < SINGLE) out[i * stride + offset + 4 + age] = Math.log1p(score / FLOOR);
        }
      }
      const ranks = ranksOf(scores);
      for (let i = 0; i < size; i++) {
        const at = i * stride + offset;
        if (scores[i] !== 0) out[at] = Math.log1p(scores[i]! / FLOOR);
        out[at + 1] = logOf(ranks[i]!);
        out[at + 2] = 1 / (1 + ranks[i]!);
        if (long[i] !== 0) out[at + 3] = Math.log1p(long[i]! / FLOOR);
      }
    },
  };
}
