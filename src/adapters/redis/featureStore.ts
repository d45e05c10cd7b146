import { Cluster, Redis } from 'ioredis';
import { z } from 'zod';
import type { ConfigFile } from '../../config/schema.ts';
import { UnavailableError, UserError } from '../../domain/errors.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { EntityKey, EntityState } from '../../domain/state.ts';
import type { FeatureStore } from '../../ports/featureStore.ts';
import { canonicalJson } from './canonicalJson.ts';
import { RedisKeys } from './keys.ts';
import { COMMIT, COMPARE_AND_SET } from './scripts.ts';

export type RedisStoreConfig = Extract<ConfigFile['store'], { kind: 'redis' }>;

/** A command that is not answered in this time has failed, milliseconds. */
const COMMAND_TIMEOUT = 2000;
const SCAN_COUNT = 500;

/**
 * A store on Redis. Reads are one MGET; a commit is one script. A server that is away makes every call fail within two
 * seconds, and the connection comes back by itself.
 * @param url instead of the configuration's, with credentials: `redis://user:password@host:port/db`, `rediss://` for TLS
 */
export function openRedisFeatureStore(config: RedisStoreConfig, url?: string): FeatureStore {
  return new RedisFeatureStore(connect(config, url), new RedisKeys(config.prefix));
}

function connect(config: RedisStoreConfig, url: string | undefined): Redis | Cluster {
  const options = {
    commandTimeout: COMMAND_TIMEOUT,
    connectTimeout: COMMAND_TIMEOUT,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: true,
    retryStrategy: (attempt: number) => Math.min(50 * attempt, 1000),
  };
  if (config.cluster === undefined) return new Redis(url ?? config.url, options);
  const nodes = config.cluster.map((node) => {
    const [host, port] = node.split(':');
    if (host === undefined || port === undefined) throw new UserError(`store.cluster: expected host:port, got ${node}`);
    return { host, port: Number(port) };
  });
  const credentials = url === undefined ? undefined : new URL(url);
  return new Cluster(nodes, {
    redisOptions: {
      ...options,
      ...(credentials?.password && { password: decodeURIComponent(credentials.password) }),
      ...(credentials?.username && { username: decodeURIComponent(credentials.username) }),
      ...(credentials?.protocol === 'rediss:' && { tls: {} }),
    },
  });
}

class RedisFeatureStore implements FeatureStore {
  readonly #redis: Redis | Cluster;
  readonly #keys: RedisKeys;

  constructor(redis: Redis | Cluster, keys: RedisKeys) {
    this.#redis = redis;
    this.#keys = keys;
    // Every command tells of its own failure; without a listener a lost connection would end the process.
    redis.on('error', () => {});
  }

  async getMany(keys: readonly EntityKey[]): Promise<(EntityState | undefined)[]> {
    if (keys.length === 0) return [];
    const texts = await this.#ask(this.#redis.mget(keys.map(this.#keys.entity)));
    return texts.map((text, i) => (text === null ? undefined : parseState(text, keys[i]!)));
  }

  async commit(...[commit]: Parameters<FeatureStore['commit']>): Promise<boolean> {
    const meta = Object.entries(commit.meta ?? {});
    const sets = [...commit.puts.keys()].map(this.#keys.entity).concat(meta.map(([name]) => this.#keys.meta(name)));
    const values = [...commit.puts.values()]
      .map((state) => JSON.stringify(state))
      .concat(meta.map(([, value]) => canonicalJson(value)));
    const keys = [
      this.#keys.sequence(),
      this.#keys.watermark(commit.consumer, commit.partition),
      ...sets,
      ...(commit.deletes ?? []).map(this.#keys.entity),
    ];
    const args = [commit.nextOffset, commit.expected ?? '', sets.length, ...values];
    return (await this.#ask(this.#redis.eval(COMMIT, keys.length, ...keys, ...args))) === 1;
  }

  async watermark(consumer: string, partition: number): Promise<number> {
    return Number((await this.#ask(this.#redis.get(this.#keys.watermark(consumer, partition)))) ?? 0);
  }

  async sequence(): Promise<number> {
    return Number((await this.#ask(this.#redis.get(this.#keys.sequence()))) ?? 0);
  }

  async getMeta(name: string): Promise<JsonValue | undefined> {
    const text = await this.#ask(this.#redis.get(this.#keys.meta(name)));
    return text === null ? undefined : z.json().parse(JSON.parse(text));
  }

  async setMeta(name: string, value: JsonValue, expected?: JsonValue): Promise<boolean> {
    const before = expected === undefined ? '' : canonicalJson(expected);
    const done = this.#redis.eval(COMPARE_AND_SET, 1, this.#keys.meta(name), canonicalJson(value), before);
    return (await this.#ask(done)) === 1;
  }

  async *scan(kind: 'user' | 'session' | 'item'): AsyncIterable<readonly [EntityKey, EntityState]> {
    for (const node of this.#redis instanceof Cluster ? this.#redis.nodes('master') : [this.#redis]) {
      let cursor = '0';
      do {
        const [next, stored] = await this.#ask(node.scan(cursor, 'MATCH', this.#keys.entities(kind), 'COUNT', SCAN_COUNT));
        cursor = next;
        const keys = stored.map(this.#keys.entityOf).filter(isEntityKey);
        const states = await this.getMany(keys);
        for (const [i, key] of keys.entries()) {
          const state = states[i];
          if (state !== undefined) yield [key, state] as const;
        }
      } while (cursor !== '0');
    }
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  async #ask<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw new UnavailableError(`the feature store (Redis) did not answer: ${String(error)}`, { cause: error });
    }
  }
}

const isEntityKey = (key: string): key is EntityKey => /^(?:user|session|item):/.test(key);

function parseState(text: string, key: EntityKey): EntityState {
  const value: unknown = JSON.parse(text);
  if (!isState(value)) throw new UserError(`what Redis holds for ${key} is no entity's state`, { status: 500 });
  return value;
}

/** Shallow: this is on the path of every request, and each feature checks its own entry when it reads it. */
const isState = (value: unknown): value is EntityState =>
  typeof value === 'object' &&
  value !== null &&
  'features' in value &&
  typeof value.features === 'object' &&
  value.features !== null;
