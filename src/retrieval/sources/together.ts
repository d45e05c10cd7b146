import type { CandidateSource } from '../source.ts';
import { topK } from '../topK.ts';
import { proposals, type SourceContext, seeds } from './context.ts';

/** What the same people take, in whatever order: further afield than what directly follows. */
export function togetherSource(context: SourceContext): CandidateSource {
  const { models, catalogue, survivors } = context;
  return {
    name: 'together',
    applies: (query) => query.history.length > 0 || query.anchor !== undefined,
    async retrieve(query, k, filter) {
      const ordinals = seeds(context, query);
      if (ordinals.length === 0) return [];
      const plan = survivors(filter);
      return proposals(
        catalogue,
        topK(models.wideCoVisitation.scoreHistory(ordinals), k, (ordinal) => plan.has(ordinal), 0),
      );
    },
  };
}
