import { buildCoVisitation, createCoVisitation } from '../../retrieval/coVisitation.ts';
import { type Interactions, toSequences } from '../../retrieval/interactions.ts';
import type { Baseline } from './baseline.ts';
import { plainPairs } from './pairs.ts';

/** What follows within ten entries, from the last five items; the usual plain form, without normalisation. */
export function coVisitation(interactions: Interactions): Baseline {
  const pairs = createCoVisitation(buildCoVisitation(toSequences(interactions), interactions.itemCount, plainPairs));
  return { name: 'co-visitation', score: (history) => pairs.scoreHistory(history) };
}
