import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Query } from '../../domain/pipeline.ts';
import type { ItemFilter } from '../../filters/itemFilter.ts';
import type { VectorIndex } from '../../ports/vectorIndex.ts';
import { historyOrdinals, type RetrievalModels } from '../models.ts';
import type { Proposal } from '../source.ts';

/** What the sources read. */
export interface SourceContext {
  readonly models: RetrievalModels;
  readonly catalogue: Catalogue;
  /** Which ordinals a filter keeps, its excluded items left out: the planner's plan. */
  readonly survivors: (filter: ItemFilter) => { has(ordinal: number): boolean };
  readonly behaviourIndex?: VectorIndex;
  readonly contentIndex?: VectorIndex;
}

/** How much of a history sources read at most: more changes nothing, however long the history is. */
const SEED_LIMIT = 200;

/** Ordinals to go by, oldest first: the anchor of a similar-items request, else the history. */
export function seeds({ catalogue, models }: SourceContext, query: Query): number[] {
  if (query.anchor !== undefined) {
    const ordinal = catalogue.ordinal(query.anchor);
    return ordinal === undefined ? [] : [ordinal];
  }
  return historyOrdinals(query.history, (id) => catalogue.ordinal(id), models.eventWeights, SEED_LIMIT);
}

/** Ordinals and scores as proposals; rows whose item is gone are left out. */
export function proposals(catalogue: Catalogue, ranked: readonly { index: number; score: number }[]): Proposal[] {
  return ranked.flatMap(({ index, score }) => {
    const item = catalogue.at(index);
    return item === undefined ? [] : [{ id: item.id, score }];
  });
}
