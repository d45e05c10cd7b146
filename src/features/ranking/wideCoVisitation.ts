import type { RankingFeature } from '../feature.ts';
import { addNeighbours, type FeatureInputs, ranksOf } from './shared.ts';

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
      const { size, historyOrdinals } = list;
      const scores = new Float32Array(size);
      for (let age = 0; age < Math.min(LAST, historyOrdinals.length); age++) {
        const from = historyOrdinals[historyOrdinals.length - 1 - age]!;
        addNeighbours(models.wideCoVisitation, from, DECAY ** age, list, scores);
      }
      const ranks = ranksOf(scores);
      for (let i = 0; i < size; i++) {
        out[i * stride + offset] = Math.log1p(scores[i]! / FLOOR);
        out[i * stride + offset + 1] = Math.log(ranks[i]!);
      }
    },
  };
}
