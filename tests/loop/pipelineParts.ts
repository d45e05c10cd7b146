import { basename } from 'node:path';
import { z } from 'zod';
import { createCollector } from '../../online/events/collector.ts';
import { createEnricher } from '../../online/events/enricher.ts';
import { openKafkaEventLog } from '../../src/adapters/kafka/eventLog.ts';
import { openLmdbEventLog } from '../../src/adapters/lmdb/eventLog.ts';
import { openLmdbFeatureStore } from '../../src/adapters/lmdb/featureStore.ts';
import { openRedisFeatureStore } from '../../src/adapters/redis/featureStore.ts';
import { openFileSchemaRegistry } from '../../src/adapters/registry/fileRegistry.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { FEATURE_TIME } from '../../src/loop/batch.ts';
import { createUpdater } from '../../src/loop/updater.ts';
import type { EventLog } from '../../src/ports/eventLog.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';
import { counters } from './counters.ts';

export const config = {
  eventTypes: { click: { weight: 1 }, buy: { weight: 5 } },
  loop: { latenessMinutes: 60, deduplicationMinutes: 60 },
};

/** The loop's parts on a log and a store, as the service puts them together. */
export async function pipelineOn(log: EventLog, store: FeatureStore) {
  const schemas = await openFileSchemaRegistry({
    folders: ['data/schemas'],
    eventTypes: Object.keys(config.eventTypes),
    refreshMs: 0,
  });
  return {
    log,
    store,
    collector: createCollector({ log, clock: systemClock }),
    enricher: createEnricher({
      log,
      schemas,
      config,
      clock: systemClock,
      items: { has: (id) => id.startsWith('item') },
      featureTime: async () => {
        const time = await store.getMeta(FEATURE_TIME);
        return typeof time === 'number' ? time : undefined;
      },
    }),
    updater: createUpdater({ log, store, features: counters, config, clock: systemClock }),
    async close() {
      await schemas.close();
      await log.close();
      await store.close();
    },
  };
}

/** Addresses of servers; what has none is embedded, in the folder. */
export const placesSchema = z.object({ kafka: z.array(z.string()).optional(), redisCluster: z.array(z.string()).optional() });
export type Places = z.infer<typeof placesSchema>;

/** On the log and the store of these places; topics and keys are named after the folder. */
export async function openPipeline(folder: string, { kafka, redisCluster }: Places = {}) {
  const name = basename(folder);
  const log =
    kafka === undefined
      ? await openLmdbEventLog(`${folder}/log`, { minFreeBytes: 0 })
      : await openKafkaEventLog({ ...KAFKA, brokers: kafka, topicPrefix: `${name}.` });
  const store =
    redisCluster === undefined
      ? await openLmdbFeatureStore(`${folder}/store`, { minFreeBytes: 0 })
      : openRedisFeatureStore({ kind: 'redis', url: '', cluster: redisCluster, prefix: name });
  return pipelineOn(log, store);
}

const KAFKA = { kind: 'kafka', partitions: 3, replicationFactor: 3, minInsyncReplicas: 2, erasureDays: 7 } as const;
