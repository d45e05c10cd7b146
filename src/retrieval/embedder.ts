import type { ItemId } from '../domain/item.ts';
import type { Embedder } from '../ports/models.ts';
import { historyOrdinals, type RetrievalModels } from './models.ts';

/** The embedding model in this process; `undefined` where there were no events to train one on. */
export function createEmbedder(models: RetrievalModels, ordinalOf: (id: ItemId) => number | undefined): Embedder | undefined {
  const { behaviour, eventWeights } = models;
  if (behaviour === undefined) return undefined;
  return {
    id: behaviour.id,
    dimensions: behaviour.dimensions,
    embedHistories: async (histories) =>
      histories.map((history) => behaviour.query(historyOrdinals(history, ordinalOf, eventWeights))),
  };
}
