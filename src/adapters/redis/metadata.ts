import type { Cluster, Redis } from 'ioredis';
import { z } from 'zod';
import type { JsonValue } from '../../domain/json.ts';
import type { FeatureStore } from '../../ports/featureStore.ts';
import { canonicalJson } from './canonicalJson.ts';
import { ask } from './connect.ts';
import type { RedisKeys } from './keys.ts';
import { COMPARE_AND_SET } from './scripts.ts';

/** What a store knows beside entities: the same on one server and on a cluster, where it is in one slot. */
export const redisMetadata = (
  redis: Redis | Cluster,
  keys: RedisKeys,
): Pick<FeatureStore, 'watermark' | 'getMeta' | 'setMeta' | 'close'> => ({
  async watermark(consumer, partition) {
    return Number((await ask(redis.get(keys.watermark(consumer, partition)))) ?? 0);
  },
  async getMeta(name): Promise<JsonValue | undefined> {
    const text = await ask(redis.get(keys.meta(name)));
    return text === null ? undefined : z.json().parse(JSON.parse(text));
  },
  async setMeta(name, value, expected) {
    const before = expected === undefined ? '' : canonicalJson(expected);
    return (await ask(redis.eval(COMPARE_AND_SET, 1, keys.meta(name), canonicalJson(value), before))) === 1;
  },
  async close() {
    redis.disconnect();
  },
});
