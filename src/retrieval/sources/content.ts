import type { CandidateSource } from '../source.ts';
import { type SourceContext, seeds } from './context.ts';

/** Items that are like the latest ones in text, categories and numbers; the way to items nobody has touched. */
export function contentSource(context: SourceContext): CandidateSource {
  const { models, contentIndex } = context;
  return {
    name: 'content',
    applies: (query) => contentIndex !== undefined && (query.history.length > 0 || query.anchor !== undefined),
    async retrieve(query, k, filter) {
      const vector = models.content.query(seeds(context, query));
      if (vector === undefined || contentIndex === undefined) return [];
      return contentIndex.search(vector, k, filter);
    },
  };
}
