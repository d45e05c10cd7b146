import type { Query } from '../src/domain/pipeline.ts';
import type { Ranker } from '../src/ports/models.ts';

type Explains = Pick<Ranker, 'attributionMethod'>;

/** How the contributions in a list's explanations were made, and to what they add up. */
export function contributionMethod(
  { ranker, searches }: { readonly ranker?: Explains; readonly searches?: { readonly ranker: Explains } },
  { text, history }: Pick<Query, 'text' | 'history'>,
): string {
  if (text === undefined) return ranker?.attributionMethod ?? 'none: the list is in retrieval’s order';
  if (searches !== undefined) {
    const { attributionMethod } = searches.ranker;
    return history.length > 0 ? `${attributionMethod}; the person’s taste moves that by a tenth at most` : attributionMethod;
  }
  if (ranker === undefined || history.length === 0) return 'none: relevance is how well the item answers the text';
  return `${ranker.attributionMethod}; of the personal score, by whose standing the match with the text moves a tenth at most`;
}
