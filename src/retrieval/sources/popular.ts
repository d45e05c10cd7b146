import type { CandidateSource } from '../source.ts';
import { proposals, type SourceContext } from './context.ts';

/** What is taken most lately. Items nobody has touched follow, the newest first, so that the list is never short of survivors. */
export function popularSource({ models, catalogue, survivors }: SourceContext): CandidateSource {
  const { byPopularity, decayed } = models.popularity;
  return {
    name: 'popular',
    applies: () => true,
    async retrieve(_query, k, filter) {
      const plan = survivors(filter);
      const ranked: { index: number; score: number }[] = [];
      for (let i = 0; i < byPopularity.length && ranked.length < k; i++) {
        const index = byPopularity[i]!;
        if (plan.has(index)) ranked.push({ index, score: decayed[index]! });
      }
      for (let index = catalogue.rows - 1; index >= 0 && ranked.length < k; index--) {
        const untouched = index >= decayed.length || decayed[index] === 0;
        if (untouched && plan.has(index)) ranked.push({ index, score: 0 });
      }
      return proposals(catalogue, ranked);
    },
  };
}
