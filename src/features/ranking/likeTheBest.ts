import type { EnrichedCandidate } from '../../domain/pipeline.ts';
import type { RankingFeature } from '../feature.ts';
import { dot, type FeatureInputs } from './shared.ts';

/** Candidates that answer the text best, by the untrained relevance. */
const BEST = 5;

/** How like the candidate is, by what items are, to those that answer the text best: what answers a query well lies together. */
export function likeTheBest({ models }: FeatureInputs): RankingFeature {
  return {
    name: 'like-the-best',
    version: 1,
    columns: ['best.mean', 'best.max'],
    sources: ['models', 'request'],
    write: ({ size, candidates, ordinals }, out, offset, stride) => {
      const order = [...candidates.keys()].sort((a, b) => fused(candidates[b]!) - fused(candidates[a]!) || a - b);
      const best = order.slice(0, BEST);
      for (let i = 0; i < size; i++) {
        const vector = models.content.vector(ordinals[i]!);
        if (vector === undefined) continue;
        let sum = 0;
        let most = 0;
        let count = 0;
        for (const other of best) {
          const near = other === i ? undefined : models.content.vector(ordinals[other]!);
          if (near === undefined) continue;
          const likeness = dot(vector, near);
          sum += likeness;
          most = Math.max(most, likeness);
          count++;
        }
        out[i * stride + offset] = sum / Math.max(1, count);
        out[i * stride + offset + 1] = most;
      }
    },
  };
}

const fused = ({ match }: EnrichedCandidate): number => match?.fused ?? 0;
