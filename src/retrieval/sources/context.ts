import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { HistoryEntry, Query } from '../../domain/pipeline.ts';
import type { ItemFilter } from '../../filters/itemFilter.ts';
import type { Embedder } from '../../ports/models.ts';
import type { VectorIndex } from '../../ports/vectorIndex.ts';
import { historyOrdinals, type RetrievalModels } from '../models.ts';
import type { Proposal } from '../source.ts';

/** What the sources read. */
export interface SourceContext {
  readonly models: RetrievalModels;
  readonly catalogue: Catalogue;
  /** Which ordinals a filter keeps, its excluded items left out: the planner's plan. */
  readonly survivors: (filter: ItemFilter) => { has(ordinal: number): boolean };
  /** In this process, or a service elsewhere. */
  readonly embedder?: Embedder;
  readonly behaviourIndex?: VectorIndex;
  readonly contentIndex?: VectorIndex;
}

/** What to go by, oldest first: the anchor of a similar-items request as if it had just been acted upon, else the history. */
export function trail({ eventWeights }: Pick<RetrievalModels, 'eventWeights'>, query: Query): readonly HistoryEntry[] {
  if (query.anchor === undefined) return query.history;
  const [type = ''] = Object.entries(eventWeights).find(([, weight]) => weight > 0) ?? [];
  return [{ itemId: query.anchor, type, at: query.featureTime }];
}

/** The same as ordinals; items that are gone are left out. */
export function seeds({ catalogue, models }: SourceContext, query: Query): number[] {
  if (query.anchor !== undefined) {
    const ordinal = catalogue.ordinal(query.anchor);
    return ordinal === undefined ? [] : [ordinal];
  }
  return historyOrdinals(query.history, (id) => catalogue.ordinal(id), models.eventWeights);
}

/** Ordinals and scores as proposals; rows whose item is gone are left out. */
export function proposals(catalogue: Catalogue, ranked: readonly { index: number; score: number }[]): Proposal[] {
  const found: Proposal[] = [];
  for (const { index, score } of ranked) {
    const item = catalogue.at(index);
    if (item !== undefined) found.push({ id: item.id, score });
  }
  return found;
}
