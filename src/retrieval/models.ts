import type { Item, ItemId } from '../domain/item.ts';
import type { HistoryEntry } from '../domain/pipeline.ts';

/**
 * Everything stage one learned, by the catalogue's ordinals. Immutable but for `learnItem` and `forgetItem`, with which
 * items that were put live get vectors. Lookups do not allocate unless they say so, and take any ordinal: what is not known
 * scores 0.
 */
export interface RetrievalModels {
  /** Items the models were trained on: their ordinals are 0 up to `trainedSize`. */
  readonly trainedSize: number;
  /** Weight of each event type; a history's entries of a type without positive weight are not read. */
  readonly eventWeights: Readonly<Record<string, number>>;
  /** Absent where there were no events to learn from. */
  readonly behaviour: BehaviourModel | undefined;
  /** What follows what: directed, over the next entries, decayed by distance, damped by the target's frequency. */
  readonly coVisitation: CoVisitation;
  /** What comes directly next. */
  readonly transitions: CoVisitation;
  /** What goes together in the same histories, in whatever order, over a wider window. */
  readonly wideCoVisitation: CoVisitation;
  readonly popularity: PopularityTable;
  /** Shares of the candidate pool by source, for someone with a history, chosen on held-out entries. */
  readonly quotas: Readonly<Record<string, number>>;
  /** Vectors of what items are (texts, categories, numbers), for any item with a field the model knows. */
  readonly content: ContentModel;
  /** Gives an item of this ordinal its vectors from its content; a trained item keeps what behaviour taught. `textVector` from the TextEncoder, where there is one. */
  learnItem(ordinal: number, item: Item, textVector?: Float32Array): ItemVectors;
  forgetItem(ordinal: number): void;
}

export interface ItemVectors {
  /** For the behaviour index, `behaviour.dimensions` long (the bias is the last one); absent without a behaviour model. */
  readonly behaviour: Float32Array | undefined;
  /** Unit vector for the content index, or absent where the item has no content. */
  readonly content: Float32Array | undefined;
}

/**
 * History in, query vector out: position-weighted pooling of the items' input vectors, a residual feed-forward layer and
 * LayerNorm. The score of an item is the inner product of the query vector with its output vector; the last dimension
 * carries the item's bias, and the query has a 1 there.
 */
export interface BehaviourModel {
  readonly id: string;
  /** Length of query and output vectors: the model's width and one for the bias. */
  readonly dimensions: number;
  /** Query vector of item ordinals, oldest first (a new array); `undefined` where none of them has a vector. */
  query(ordinals: ArrayLike<number>): Float32Array | undefined;
  /** Writes the inner products of query vectors with many items' output vectors, their retriever scores, `[queries × ordinals]`. */
  scoreMany(queries: readonly Float32Array[], ordinals: ArrayLike<number>, out: Float32Array): void;
  /** Writes the scores of the ordinals from 0 up to `out.length`; 0 where there is no vector. */
  scoreAll(query: Float32Array, out: Float32Array): void;
  /** Writes the cosines of unit vectors without bias with many items' input or output vectors, `[units × ordinals]`; 0 where there is none. */
  inputCosines(units: readonly Float32Array[], ordinals: ArrayLike<number>, out: Float32Array): void;
  outputCosines(units: readonly Float32Array[], ordinals: ArrayLike<number>, out: Float32Array): void;
  /** Output vector with bias (a view). */
  outputVector(ordinal: number): Float32Array | undefined;
  /** Input vector (a view), one dimension shorter than the output vector. */
  inputVector(ordinal: number): Float32Array | undefined;
}

/** A sparse matrix of item-to-item scores: each row's strongest neighbours, best first. */
export interface CoVisitation {
  /** Adds `weight × score` of every neighbour of `from` to `into[neighbour]`; neighbours beyond `into` are left out. */
  accumulate(from: number, weight: number, into: Float32Array | Float64Array): void;
  /**
   * Adds `weight × score` of every neighbour of `from` that has a place to `into[place − 1]`.
   * @param places by ordinal, at least as long as there are trained items; 0 for no place
   */
  accumulatePlaced(from: number, weight: number, places: Int32Array, into: Float32Array): void;
  /** Sum over the history's last `last` ordinals, `decay ** age` each, as the co-visitation source does (a new array of `trainedSize`). */
  scoreHistory(ordinals: ArrayLike<number>, options?: { last?: number; decay?: number }): Float32Array;
  /**
   * The same scores and, in no order, the items that have one: takes as long as there are such items, however large the
   * catalogue. Views, good until the next call.
   */
  reach(ordinals: ArrayLike<number>): { readonly items: Int32Array; readonly scores: Float32Array };
}

/** Counts of entries of positive weight. `decayed` and `trend` refer to the newest entry of the log. */
export interface PopularityTable {
  readonly counts: Float32Array;
  /** Exponentially decayed sum of weights; the half-life is a share of the log's span. */
  readonly decayed: Float32Array;
  /** Recent rate against the long-run rate, smoothed: above 1 is rising. */
  readonly trend: Float32Array;
  /** Mean relative place of the item in histories, 0 (first) to 1 (last); .5 where unknown. */
  readonly lateness: Float32Array;
  /** Trained ordinals, most popular (decayed) first; and by trend. Only items with entries. */
  readonly byPopularity: Int32Array;
  readonly byTrend: Int32Array;
}

/** Unit vectors of what items are. */
export interface ContentModel {
  readonly dimensions: number;
  /** A view; absent where the item has no content the model reads. */
  vector(ordinal: number): Float32Array | undefined;
  /** Writes the inner products of a query vector with the items of the ordinals from 0 up to `out.length`; 0 where an item has none. */
  scoreAll(query: Float32Array, out: Float32Array): void;
  /** The same of many items, `[queries × ordinals]`. */
  scoreMany(queries: readonly Float32Array[], ordinals: ArrayLike<number>, out: Float32Array): void;
  /** Mean of the latest items' vectors, the last ones weighing most, as a unit vector; `undefined` where none has one. */
  query(ordinals: ArrayLike<number>): Float32Array | undefined;
}

/** How much of a history both stages read at most: more changes nothing, however long the history is. */
const HISTORY = 200;

/**
 * The ordinals the models read of a history, oldest first: entries of positive weight whose item has an ordinal, a repeat of
 * the entry before it left out, at most the last 200.
 */
export function historyOrdinals(
  history: readonly HistoryEntry[],
  ordinalOf: (id: ItemId) => number | undefined,
  weights: Readonly<Record<string, number>>,
): number[] {
  const reversed: number[] = [];
  for (let i = history.length - 1; i >= 0 && reversed.length < HISTORY; i--) {
    const entry = history[i]!;
    if ((weights[entry.type] ?? 0) <= 0) continue;
    const ordinal = ordinalOf(entry.itemId);
    if (ordinal === undefined || reversed.at(-1) === ordinal) continue;
    reversed.push(ordinal);
  }
  return reversed.reverse();
}
