import { join } from 'node:path';
import { createCollector } from '../../../online/events/collector.ts';
import { createEnricher } from '../../../online/events/enricher.ts';
import { openLmdbFeatureStore } from '../../../src/adapters/lmdb/featureStore.ts';
import { openFileSchemaRegistry } from '../../../src/adapters/registry/fileRegistry.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import type { Random } from '../../../src/domain/random.ts';
import { createStateFeatures } from '../../../src/features/index.ts';
import { createUpdater } from '../../../src/loop/updater.ts';
import { distance, type EventLog } from '../../../src/ports/eventLog.ts';
import { profiled } from './cpuProfile.ts';

const BATCH = 1000;
const config = { eventTypes: { click: { weight: 1 } }, loop: { latenessMinutes: 60, deduplicationMinutes: 60 } };

export interface PartTime {
  readonly part: 'collect' | 'enrich' | 'update';
  readonly events: number;
  readonly seconds: number;
  /** Of this process: all threads. */
  readonly cpuSeconds: number;
  /** Where the main thread's own time went: share by file or package, largest first. */
  readonly shares: readonly (readonly [string, number])[];
}

/** Puts events through the collector, then all through the enricher, then all through the updater, in this process. */
export async function measureParts(
  log: EventLog,
  folder: string,
  size: { readonly events: number; readonly users: number; readonly items: number; readonly random: Random },
): Promise<PartTime[]> {
  const { random, users, items } = size;
  const store = await openLmdbFeatureStore(join(folder, 'store'));
  const schemas = await openFileSchemaRegistry({ folders: ['data/schemas'], eventTypes: ['click'], refreshMs: 0 });
  const collector = createCollector({ log, clock: systemClock });
  const enricher = createEnricher({ log, schemas, config, clock: systemClock, items: { has: () => true } });
  const updater = createUpdater({
    log,
    store,
    features: createStateFeatures({ historyLength: 1000, attributionWindowMinutes: 1440 }),
    config,
    clock: systemClock,
  });
  const batches = Array.from({ length: Math.ceil(size.events / BATCH) }, (_, batch) =>
    Array.from({ length: BATCH }, (_, i) => ({
      id: `e${batch}-${i}`,
      type: 'click',
      schemaVersion: 1,
      occurredAt: Date.now(),
      payload: { userId: `u${Math.floor(random() * users)}`, itemId: `i${Math.floor(random() ** 2 * items)}` },
    })),
  );
  const measure = async (part: PartTime['part'], work: () => Promise<void>): Promise<PartTime> => {
    const cpu = process.cpuUsage();
    const started = performance.now();
    const shares = await profiled(work);
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - started) / 1000;
    return { part, events: batches.length * BATCH, seconds, cpuSeconds: (user + system) / 1e6, shares };
  };
  try {
    const collect = await measure('collect', async () => {
      for (const batch of batches) await collector.accept(batch);
    });
    const enrich = await measure('enrich', async () => {
      const stop = new AbortController();
      const running = enricher.run(stop.signal);
      const end = await log.end('raw-events');
      while (distance(await log.committed('raw-events', 'enricher'), end) > 0) await new Promise((go) => setTimeout(go, 10));
      stop.abort();
      await running;
    });
    const update = await measure('update', () => updater.catchUp());
    return [collect, enrich, update];
  } finally {
    await schemas.close();
    await store.close();
  }
}
