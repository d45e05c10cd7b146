import type { CandidateSource } from '../source.ts';
import { type SourceContext, trail } from './context.ts';

/** Nearest items to the query vector that the embedding model computes from the latest events. */
export function behaviourSource(context: SourceContext): CandidateSource {
  const { embedder, behaviourIndex } = context;
  return {
    name: 'behaviour',
    applies: (query) =>
      behaviourIndex !== undefined && embedder !== undefined && (query.history.length > 0 || query.anchor !== undefined),
    async retrieve(query, k, filter) {
      const [vector] = (await embedder?.embedHistories([trail(context.models, query)])) ?? [];
      if (vector === undefined || behaviourIndex === undefined) return [];
      return behaviourIndex.search(vector, k, filter);
    },
  };
}
