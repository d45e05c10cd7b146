import type { Query } from '../src/domain/pipeline.ts';
import type { Ranker } from '../src/ports/models.ts';

/** How the contributions in a list's explanations were made, and to what they add up. */
export function contributionMethod(
  ranker: Pick<Ranker, 'attributionMethod' | 'readsText'> | undefined,
  { text, history }: Pick<Query, 'text' | 'history'>,
): string {
  if (ranker === undefined) return 'none: the list is in retrieval’s order';
  if (text === undefined || ranker.readsText) return ranker.attributionMethod;
  if (history.length === 0) return 'none: without a history, relevance is how well the item answers the text';
  return `${ranker.attributionMethod}; of the personal score, by whose standing the match with the text moves a tenth at most`;
}
