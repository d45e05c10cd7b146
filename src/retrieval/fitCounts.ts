import { buildCoVisitation, type CoVisitationSettings } from './coVisitation.ts';
import type { RetrievalData } from './createModels.ts';
import { type Interactions, toSequences } from './interactions.ts';
import { buildPopularity } from './popularity.ts';
import { repeatShare, withRepeats } from './repeats.ts';

/** What is known before anything is counted or trained. */
export type CatalogueData = Pick<RetrievalData, 'fields' | 'itemCount' | 'eventWeights' | 'encoder' | 'content'>;

/** What comes directly next. */
const TRANSITIONS: Partial<CoVisitationSettings> = { window: 1, budget: 4_000_000 };

/** Everything that is counted rather than trained, beside what was trained. */
export function fitCounts(
  catalogue: CatalogueData,
  interactions: Interactions,
  { follow, together }: { readonly follow: CoVisitationSettings; readonly together: CoVisitationSettings },
  embedder: RetrievalData['embedder'],
  quotas: RetrievalData['quotas'],
): RetrievalData {
  const sequences = toSequences(interactions);
  const build = (settings: CoVisitationSettings) => buildCoVisitation(sequences, catalogue.itemCount, settings);
  return {
    ...catalogue,
    embedder,
    quotas: withRepeats(quotas, repeatShare(sequences)),
    coVisitation: build(follow),
    transitions: build({ ...follow, ...TRANSITIONS }),
    wideCoVisitation: build(together),
    popularity: buildPopularity({ ...interactions, itemCount: catalogue.itemCount }),
  };
}
