import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '../../domain/json.ts';
import type { EntityKey, EntityState } from '../../domain/state.ts';
import type { FeatureStore, StoreCommit } from '../../ports/featureStore.ts';

/** A store that lives as long as its process, for replays and tests. */
export class MemoryFeatureStore implements FeatureStore {
  readonly #states = new Map<EntityKey, EntityState>();
  readonly #watermarks = new Map<string, number>();
  readonly #meta = new Map<string, JsonValue>();
  #sequence = 0;

  async getMany(keys: readonly EntityKey[]): Promise<(EntityState | undefined)[]> {
    return keys.map((key) => this.#states.get(key));
  }

  async commit(commit: StoreCommit): Promise<boolean> {
    const mark = `${commit.partition}/${commit.consumer}`;
    const watermark = this.#watermarks.get(mark) ?? 0;
    if (commit.nextOffset <= watermark) return false;
    if (commit.expected !== undefined && commit.expected !== this.#sequence) return false;
    for (const [key, state] of commit.puts) this.#states.set(key, state);
    for (const key of commit.deletes ?? []) this.#states.delete(key);
    for (const [name, value] of Object.entries(commit.meta ?? {})) this.#meta.set(name, value);
    this.#watermarks.set(mark, commit.nextOffset);
    this.#sequence++;
    return true;
  }

  async watermark(consumer: string, partition: number): Promise<number> {
    return this.#watermarks.get(`${partition}/${consumer}`) ?? 0;
  }

  async sequence(): Promise<number> {
    return this.#sequence;
  }

  async getMeta(name: string): Promise<JsonValue | undefined> {
    return this.#meta.get(name);
  }

  async setMeta(name: string, value: JsonValue, expected?: JsonValue): Promise<boolean> {
    if (!isDeepStrictEqual(this.#meta.get(name), expected)) return false;
    this.#meta.set(name, value);
    return true;
  }

  async *scan(kind: 'user' | 'session' | 'item'): AsyncIterable<readonly [EntityKey, EntityState]> {
    for (const [key, state] of [...this.#states]) if (key.startsWith(`${kind}:`)) yield [key, state];
  }

  async close(): Promise<void> {}
}
