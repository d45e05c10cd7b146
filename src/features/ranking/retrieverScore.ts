import { ranksOf } from '../../kernels/ranks.ts';
import type { RankingFeature } from '../feature.ts';
import { type FeatureInputs, logOf } from './shared.ts';

/** How the embedding model sees the candidate: its score less the list's best, and its rank in the list. 0 without a query vector. */
export function retrieverScore({ models }: FeatureInputs): RankingFeature {
  return {
    name: 'retriever',
    version: 1,
    columns: ['retriever.score', 'retriever.logRank', 'retriever.inverseRank'],
    sources: ['actions', 'models'],
    write: ({ size, ordinals, queryVector }, out, offset, stride) => {
      if (models.behaviour === undefined || queryVector === undefined) return;
      const scores = new Float32Array(size);
      models.behaviour.scoreMany([queryVector], ordinals, scores);
      let best = Number.NEGATIVE_INFINITY;
      for (const score of scores) if (score > best) best = score;
      const ranks = ranksOf(scores);
      for (let i = 0; i < size; i++) {
        const at = i * stride + offset;
        out[at] = scores[i]! - best;
        out[at + 1] = logOf(ranks[i]!);
        out[at + 2] = 1 / (1 + ranks[i]!);
      }
    },
  };
}
