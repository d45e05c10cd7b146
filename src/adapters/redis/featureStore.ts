import type { EntityState } from '../../domain/state.ts';
import type { FeatureStore } from '../../ports/featureStore.ts';
import { canonicalJson } from './canonicalJson.ts';
import { openClusterFeatureStore } from './clusterStore.ts';
import { ask, connectServer, type RedisStoreConfig } from './connect.ts';
import { RedisKeys } from './keys.ts';
import { redisMetadata } from './metadata.ts';
import { COMMIT } from './scripts.ts';
import { parseState, scanKeys } from './states.ts';

/**
 * A store on Redis. On one server reads are one MGET and a commit is one script. A server that is away makes every call fail
 * within two seconds, and the connection comes back by itself.
 * @param url instead of the configuration's, with credentials: `redis://user:password@host:port/db`, `rediss://` for TLS
 */
export function openRedisFeatureStore(config: RedisStoreConfig, url?: string): FeatureStore {
  if (config.cluster !== undefined) return openClusterFeatureStore(config.cluster, config.prefix, url);
  const redis = connectServer(config, url);
  const keys = new RedisKeys(config.prefix);
  const store: FeatureStore = {
    ...redisMetadata(redis, keys),

    async getMany(wanted) {
      if (wanted.length === 0) return [];
      const texts = await ask(redis.mget(wanted.map(keys.entity)));
      return texts.map((text, i): EntityState | undefined => (text === null ? undefined : parseState(text, wanted[i]!)));
    },

    async commit(commit) {
      const meta = Object.entries(commit.meta ?? {});
      const sets = [...commit.puts.keys()].map(keys.entity).concat(meta.map(([name]) => keys.meta(name)));
      const values = [...commit.puts.values()]
        .map((state) => JSON.stringify(state))
        .concat(meta.map(([, value]) => canonicalJson(value)));
      const touched = [
        keys.sequence(),
        keys.watermark(commit.consumer, commit.partition),
        ...sets,
        ...(commit.deletes ?? []).map(keys.entity),
      ];
      const args = [commit.nextOffset, commit.expected ?? '', sets.length, ...values];
      return (await ask(redis.eval(COMMIT, touched.length, ...touched, ...args))) === 1;
    },

    async sequence() {
      return Number((await ask(redis.get(keys.sequence()))) ?? 0);
    },

    async *scan(kind) {
      for await (const found of scanKeys(redis, keys, kind)) {
        const states = await store.getMany(found);
        for (const [i, key] of found.entries()) {
          const state = states[i];
          if (state !== undefined) yield [key, state] as const;
        }
      }
    },
  };
  return store;
}
