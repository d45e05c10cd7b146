import type { CoVisitation } from '../models.ts';
import type { CandidateSource } from '../source.ts';
import { topK } from '../topK.ts';
import { proposals, type SourceContext, seeds } from './context.ts';

/** What people went on to after the latest items. */
export const coVisitationSource = (context: SourceContext): CandidateSource =>
  neighbourSource('covisitation', context.models.coVisitation, context);

/** What the same people take, in whatever order: further afield than what directly follows. */
export const togetherSource = (context: SourceContext): CandidateSource =>
  neighbourSource('together', context.models.wideCoVisitation, context);

function neighbourSource(name: string, table: CoVisitation, context: SourceContext): CandidateSource {
  const { catalogue, survivors } = context;
  return {
    name,
    applies: (query) => query.history.length > 0 || query.anchor !== undefined,
    async retrieve(query, k, filter) {
      const ordinals = seeds(context, query);
      if (ordinals.length === 0) return [];
      const plan = survivors(filter);
      const { items, scores } = table.reach(ordinals);
      return proposals(
        catalogue,
        topK(scores, k, (ordinal) => plan.has(ordinal), 0, items),
      );
    },
  };
}
