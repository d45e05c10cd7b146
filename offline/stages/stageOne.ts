import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { historyOrdinals, type RetrievalModels } from '../../src/retrieval/models.ts';
import { proposeCandidates } from '../../src/retrieval/propose.ts';
import { strangerQuotas } from '../../src/retrieval/quotas.ts';
import type { Propose } from '../ranking/interactionLists.ts';

/** Scans exactly where serving asks an index. */
export function createProposer(models: RetrievalModels, catalogue: Pick<Catalogue, 'ordinal' | 'at'>): Propose {
  return async (history, k, excluded) => {
    const ordinals = historyOrdinals(history, (id) => catalogue.ordinal(id), models.eventWeights);
    const options = { k, excluded, ...(ordinals.length === 0 ? { quotas: strangerQuotas } : {}) };
    return proposeCandidates(models, ordinals, options).flatMap(({ key, hits }) => {
      const item = catalogue.at(key);
      return item === undefined ? [] : [{ id: item.id, ordinal: key, hits, item }];
    });
  };
}
