import type { ItemId } from '../domain/item.ts';
import type { ItemFilter } from '../filters/itemFilter.ts';

export interface Neighbour {
  readonly id: ItemId;
  /** Inner product with the query: higher is nearer. */
  readonly score: number;
}

export interface VectorEntry {
  readonly id: ItemId;
  readonly vector: Float32Array;
}

/**
 * Nearest neighbours by inner product, under a filter. It takes the parsed filter, so that an adapter may plan it to bitsets
 * or push it down to a remote engine; an adapter never calls back into JavaScript from inside a graph search.
 */
export interface VectorIndex {
  readonly dimensions: number;
  /** Up to `k` items, best first, all of which the filter keeps; fewer only where fewer survive. @throws UnavailableError */
  search(query: Float32Array, k: number, filter?: ItemFilter): Promise<readonly Neighbour[]>;
  /** Inner products with certain items, in their order; `undefined` for an item that is not there. @throws UnavailableError */
  scores(query: Float32Array, ids: readonly ItemId[]): Promise<(number | undefined)[]>;
  /** Inserts or replaces. Found by the next search. Grows as needed: nothing is dropped. */
  upsert(entries: readonly VectorEntry[]): Promise<void>;
  /** Ids that are not there are no error. */
  remove(ids: readonly ItemId[]): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** What a build measured of an index. */
export interface IndexMeasures {
  readonly kind: 'hnsw' | 'exact';
  readonly parameters: Readonly<Record<string, number>>;
  /** Share of the exact best `k` that it finds; 1 for the exact index. */
  readonly recall: number;
  readonly k: number;
}

/** A vector index as it is built: it has measured itself, and can be written into an artifact. */
export interface BuiltVectorIndex extends VectorIndex, IndexMeasures {
  /** Writes it into a folder that exists. */
  save(folder: string): Promise<void>;
}
