import type { JsonValue } from '../domain/json.ts';
import type { EntityKey, EntityState } from '../domain/state.ts';

/** What one consumer's batch changes. Stored together with the place it brought the consumer to. */
export interface StoreCommit {
  readonly consumer: string;
  /** The partition the batch came from, and the offset after its last record. */
  readonly partition: number;
  readonly nextOffset: number;
  /** The store's sequence before the states were read that the effects were computed on. Where it has moved on, nothing is applied. */
  readonly expected?: number;
  readonly puts: ReadonlyMap<EntityKey, EntityState>;
  readonly deletes?: readonly EntityKey[];
  /** Small named values that belong to the same commit, such as the feature time. */
  readonly meta?: Readonly<Record<string, JsonValue>>;
}

/**
 * The state of users, sessions and items. Reads are one round trip for any number of keys. Writes come from log consumers
 * only. It leaves out queries by value and secondary indices.
 */
export interface FeatureStore {
  /** States in the order of the keys, `undefined` where nothing is known. One round trip. @throws UnavailableError */
  getMany(keys: readonly EntityKey[]): Promise<(EntityState | undefined)[]>;
  /**
   * Atomically stores a batch's effects and its watermark. A commit whose `nextOffset` is not beyond the stored watermark
   * changes nothing, so a redelivered batch has no effect. Readers may see some of a commit's entities before others where
   * they are on several machines; whoever asks for the sequence first makes sure that the last commit is whole.
   * @returns whether it was applied
   */
  commit(commit: StoreCommit): Promise<boolean>;
  /** The offset after the last record a consumer has applied in a partition; 0 where it has applied none. */
  watermark(consumer: string, partition: number): Promise<number>;
  /** How many commits there have been, of all consumers: what tells that states read since may be stale. */
  sequence(): Promise<number>;
  getMeta(name: string): Promise<JsonValue | undefined>;
  /**
   * For what is not a consumer's effect, such as a rule set's versions. Compare-and-set: fails (false) if the stored value is
   * not `expected`; without `expected` there must be none yet.
   */
  setMeta(name: string, value: JsonValue, expected?: JsonValue): Promise<boolean>;
  /** Every entity of a kind, in no order. */
  scan(kind: 'user' | 'session' | 'item'): AsyncIterable<readonly [EntityKey, EntityState]>;
  close(): Promise<void>;
}
