import type { CandidateSource } from '../source.ts';
import { topK } from '../topK.ts';
import { proposals, type SourceContext, seeds } from './context.ts';

/** What people went on to after the latest items. */
export function coVisitationSource(context: SourceContext): CandidateSource {
  const { models, catalogue, survivors } = context;
  return {
    name: 'covisitation',
    applies: (query) => query.history.length > 0 || query.anchor !== undefined,
    async retrieve(query, k, filter) {
      const ordinals = seeds(context, query);
      if (ordinals.length === 0) return [];
      const plan = survivors(filter);
      return proposals(
        catalogue,
        topK(models.coVisitation.scoreHistory(ordinals), k, (ordinal) => plan.has(ordinal), 0),
      );
    },
  };
}
