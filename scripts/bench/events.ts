import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCollector } from '../../online/events/collector.ts';
import { createEnricher } from '../../online/events/enricher.ts';
import { openLmdbEventLog } from '../../src/adapters/lmdb/eventLog.ts';
import { openLmdbFeatureStore } from '../../src/adapters/lmdb/featureStore.ts';
import { openFileSchemaRegistry } from '../../src/adapters/registry/fileRegistry.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { createStateFeatures, historyOf } from '../../src/features/index.ts';
import { createUpdater } from '../../src/loop/updater.ts';
import { distance } from '../../src/ports/eventLog.ts';
import { type BenchReport, quantile, rounded } from './report.ts';

const BATCH = 1000;
const USERS = 2000;
const ITEMS = 3000;
const RATE = 500;
const config = { eventTypes: { click: { weight: 1 } }, loop: { latenessMinutes: 60, deduplicationMinutes: 60 } };

/** Events a second of each part of the loop on the embedded log and store, one process; and how soon an action has its effect. */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const events = Number(args[0] ?? 50_000);
  const seconds = Number(args[1] ?? 10);
  const folder = await mkdtemp(join(tmpdir(), 'winnow-bench-events-'));
  const random = seededRandom(1);
  let id = 0;
  const event = (userId = `u${Math.floor(random() * USERS)}`) => ({
    id: `e${id++}`,
    type: 'click',
    schemaVersion: 1,
    occurredAt: Date.now(),
    payload: { userId, itemId: `i${Math.floor(random() ** 2 * ITEMS)}` },
  });
  const log = openLmdbEventLog(join(folder, 'log'));
  const store = openLmdbFeatureStore(join(folder, 'store'));
  const schemas = await openFileSchemaRegistry({ folders: ['data/schemas'], eventTypes: ['click'], refreshMs: 0 });
  const collector = createCollector({ log, clock: systemClock });
  const enricher = createEnricher({ log, schemas, config, clock: systemClock, items: { has: () => true } });
  const features = createStateFeatures({ historyLength: 1000 });
  const updater = createUpdater({ log, store, features, config, clock: systemClock });
  try {
    const batches = Array.from({ length: Math.ceil(events / BATCH) }, () => Array.from({ length: BATCH }, () => event()));
    const total = batches.length * BATCH;
    const rows: [string, number, number, number][] = [];
    const measure = async (what: string, work: () => Promise<void>): Promise<void> => {
      const cpu = process.cpuUsage();
      const started = performance.now();
      await work();
      const { user, system } = process.cpuUsage(cpu);
      const elapsed = performance.now() - started;
      rows.push([
        what,
        Math.round(total / (elapsed / 1000)),
        Math.round(total / ((user + system) / 1e6)),
        rounded((user + system) / total, 1),
      ]);
    };
    await measure('collect: check and append to raw-events', async () => {
      for (const batch of batches) await collector.accept(batch);
    });
    await measure('validate and enrich', async () => {
      const stop = new AbortController();
      const running = enricher.run(stop.signal);
      const end = await log.end('raw-events');
      while (distance(await log.committed('raw-events', 'enricher'), end) > 0)
        await new Promise((resolve) => setTimeout(resolve, 5));
      stop.abort();
      await running;
    });
    await measure('update the feature store', () => updater.catchUp());
    const perEvent = rows.slice(1).reduce((sum, row) => sum + row[3], 0);
    const together = Math.round(1e6 / perEvent);
    rows.push(['validate, enrich and update together, on one core', together, together, rounded(perEvent, 1)]);

    const latencies = await visibility(seconds, event, collector, enricher, updater, store);
    const p50 = rounded(quantile(latencies, 0.5), 0);
    const p99 = rounded(quantile(latencies, 0.99), 0);
    return {
      name: 'events',
      title: 'The loop on the embedded log and store',
      setup: { events: total, users: USERS, items: ITEMS, batch: BATCH, liveEventsPerSecond: RATE, liveSeconds: seconds },
      columns: ['part', 'events/s', 'events/s of one core’s time', 'µs of CPU an event'],
      rows,
      checks: [
        {
          what: 'validate, enrich and update on one core',
          expected: '≥ 10000 events/s',
          measured: together,
          passed: together >= 10_000,
        },
        {
          what: `an action’s effect is in the store, p99 at ${RATE} events/s`,
          expected: '≤ 1000 ms',
          measured: p99,
          passed: p99 <= 1000,
        },
      ],
      notes: [`From sending to effect: p50 ${p50} ms, p99 ${p99} ms over ${latencies.length} probes.`],
    };
  } finally {
    await schemas.close();
    await log.close();
    await store.close();
    await rm(folder, { recursive: true });
  }
}

/** Milliseconds from sending an action to its being in the actor's history, under load. */
async function visibility(
  seconds: number,
  event: (userId?: string) => object,
  collector: ReturnType<typeof createCollector>,
  enricher: ReturnType<typeof createEnricher>,
  updater: ReturnType<typeof createUpdater>,
  store: ReturnType<typeof openLmdbFeatureStore>,
): Promise<number[]> {
  const stop = new AbortController();
  const running = [enricher.run(stop.signal), updater.run(stop.signal)];
  const sending: Promise<unknown>[] = [];
  const load = setInterval(() => sending.push(collector.accept(Array.from({ length: RATE / 50 }, () => event()))), 20);
  const found: number[] = [];
  const end = performance.now() + seconds * 1000;
  for (let n = 0; performance.now() < end; n++) {
    const started = performance.now();
    await collector.accept([event(`probe${n}`)]);
    while (historyOf((await store.getMany([`user:probe${n}`]))[0]).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 2));
    found.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  clearInterval(load);
  await Promise.all(sending);
  stop.abort();
  await Promise.all(running);
  return found.sort((a, b) => a - b);
}
