import type { CandidateSource } from '../source.ts';
import { proposals, type SourceContext } from './context.ts';

/** What is taken more often lately than before. */
export function trendingSource({ models, catalogue, survivors }: SourceContext): CandidateSource {
  const { byTrend, trend } = models.popularity;
  return {
    name: 'trending',
    applies: () => true,
    async retrieve(_query, k, filter) {
      const plan = survivors(filter);
      const ranked: { index: number; score: number }[] = [];
      for (let i = 0; i < byTrend.length && ranked.length < k; i++) {
        const index = byTrend[i]!;
        // Ordered by how sure the rise is; from the first that does not rise, nothing trends.
        if (trend[index]! <= 1) break;
        if (plan.has(index)) ranked.push({ index, score: trend[index]! });
      }
      return proposals(catalogue, ranked);
    },
  };
}
