import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { Query } from '../../src/domain/pipeline.ts';
import { newItemShare } from '../../src/retrieval/quotas.ts';

/** So many places of a list go to whatever ranks best, unless exploration is configured. */
export const RANKED_ALONE = 50;

/**
 * Fewest new items on a page: the configured share of all of it, and the share that they have of the pool of its places after the
 * list's first fifty. Nothing that taught the ranker was new, so it puts new items behind what is known; far down a list that
 * would leave out what may be wanted for what hardly is.
 * @param offset places on the pages before this one
 */
export function newItemPlaces(query: Query, catalogue: Catalogue, configured: number, offset: number): number {
  const end = offset + query.limit;
  const after = Math.max(0, end - Math.max(offset, RANKED_ALONE));
  return Math.max(Math.round(configured * query.limit), Math.round(newItemShare(query, catalogue) * after));
}
