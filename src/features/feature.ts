import type { z } from 'zod';
import type { EnrichedEvent } from '../domain/event.ts';
import type { JsonValue } from '../domain/json.ts';
import type { EnrichedCandidate, HistoryEntry, Query } from '../domain/pipeline.ts';
import type { EntityState } from '../domain/state.ts';
import type { Join } from './state/joins.ts';

/**
 * State that events maintain: kept by the updater online and by the replay offline, through this very code. `update` is pure
 * and should commute (decayed sums, sets, time-ordered lists), so that reordering within the lateness bound changes nothing.
 */
export interface StateFeature<S extends JsonValue = JsonValue> {
  readonly name: string;
  /** Raised when the meaning of the stored state changes; part of the features' hash. */
  readonly version: number;
  /** Whose state it is. `actor` is the user, or the session where no user is known. */
  readonly entity: 'actor' | 'item';
  readonly schema: z.ZodType<S>;
  readonly initial: S;
  /** The stored value as this feature's state; `initial` where there is none or it has another shape. */
  read(value: JsonValue | undefined): S;
  /** An actor's feature is updated once an event, an item's once for each item of the event. */
  update(state: S, event: EnrichedEvent, context: UpdateContext): S;
  /** For an item's feature that asks which showings were acted upon: what an event changes about that, by item, from its actor's state before it. */
  joins?(
    actor: EntityState | undefined,
    event: EnrichedEvent,
    weights: UpdateContext['weights'],
  ): ReadonlyMap<string, readonly Join[]>;
  /** What both entities together have lived through, such as a session and the user it turned out to be. */
  merge(a: S, b: S): S;
}

export interface UpdateContext {
  /** Weights of the configured event types. */
  readonly weights: Readonly<Record<string, number>>;
  /** The item the update is about; for an actor's feature and an impression, the first one shown. */
  readonly itemId: string;
  /** Position at which the item was shown, counted from 1, where known. */
  readonly position?: number;
  /** What the event changes about which of the item's showings were acted upon. */
  readonly joins?: readonly Join[];
}

/** One list to be turned into numbers. The same in training and in serving. */
export interface RankingContext {
  readonly query: Query;
  readonly history: readonly HistoryEntry[];
  readonly candidates: readonly EnrichedCandidate[];
  /** Where each candidate was shown, counted from 1: known in training only. In serving all stand at the same place. */
  readonly positions?: readonly number[];
}

/** A list with what several features need of it worked out once. */
export interface PreparedList extends RankingContext {
  readonly size: number;
  /** Rows of the candidates in the catalogue's table. */
  readonly ordinals: Int32Array;
  /** By ordinal, of all that models were trained on: the candidate's place in the list plus 1, or 0. Longer lists of neighbours are matched against it. */
  readonly places: Int32Array;
  /** The history as the models read it: ordinals, oldest first. */
  readonly historyOrdinals: readonly number[];
  /** The embedder's vector of the history. */
  readonly queryVector: Float32Array | undefined;
}

/** What a ranking feature is made of, and grows old with: what people do and are shown, the items, the artifact, the request. */
export type FeatureSource = 'actions' | 'impressions' | 'catalogue' | 'models' | 'request';

/** Turns a list into some columns of the matrix. Pure; reads nothing but its arguments and the models it was made with. */
export interface RankingFeature {
  readonly name: string;
  readonly version: number;
  readonly columns: readonly string[];
  readonly sources: readonly FeatureSource[];
  /**
   * Writes `columns.length` numbers for candidate i at `out[i * stride + offset]`; `out` comes filled with zeros. Missing
   * values have a stated default, never NaN.
   */
  write(list: PreparedList, out: Float32Array, offset: number, stride: number): void;
}
