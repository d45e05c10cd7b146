import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestBrokers } from '../../scripts/services/brokers.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { divertedEventSchema, enrichedEventSchema, rawEventSchema } from '../../src/loop/schemas.ts';
import { distance, type EventLog, type Topic } from '../../src/ports/eventLog.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';
import { openPipeline, type Places } from './pipelineParts.ts';

const ROLES = ['collector', 'enricher', 'updater'] as const;
type Role = (typeof ROLES)[number];

export interface CrashReport {
  readonly acknowledged: number;
  /** Acknowledged events that are in none, or in more than one, of enriched, invalid and dead letters. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** Entities whose counter is not what a recount of distinct enriched events gives. */
  readonly miscounted: readonly string[];
  readonly enriched: number;
  readonly diverted: number;
}

export interface CrashOptions {
  readonly kills: number;
  readonly seed: number;
  /** The log is on these, and one of them may be killed too; on the embedded one where absent. */
  readonly kafka?: TestBrokers;
  /** The store is on these nodes; the embedded one where absent. */
  readonly redisCluster?: string[];
}

/** Runs collector, enricher and updater as three processes under load, kills one after the other, and counts what came of it. */
export async function crashTest({ kills, seed, kafka, redisCluster }: CrashOptions): Promise<CrashReport> {
  const places: Places = { kafka: kafka && [...kafka.brokers], redisCluster };
  const folder = await mkdtemp(join(tmpdir(), 'winnow-crash-'));
  const random = seededRandom(seed);
  const acknowledged = new Set<string>();
  let started = 0;

  const start = async (role: Role): Promise<ChildProcess> => {
    const args = [
      '--import',
      'tsx',
      'tests/loop/pipelineProcess.ts',
      role,
      folder,
      String(seed * 1000 + started++),
      JSON.stringify(places),
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ready = new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`${role} ended by itself with ${code}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line === 'READY') resolve();
        // A line that was cut off by the kill has no acknowledgement in it that anybody could have read.
        else if (line.startsWith('ACK ')) for (const id of line.slice(4).split(' ')) acknowledged.add(id);
      });
    });
    await ready;
    return child;
  };

  let returning: Promise<void> | undefined;
  const processes = new Map<Role, ChildProcess>();
  try {
    for (const role of ROLES) processes.set(role, await start(role));
    for (let i = 0; i < kills; i++) {
      await sleep((30 + random() * 300) * (kafka === undefined ? 1 : 5));
      const place = Math.floor(random() * (ROLES.length + (kafka === undefined ? 0 : 1)));
      const role = ROLES[place];
      if (role === undefined) {
        // One broker at a time is away: two in sync are what an acknowledgement asks for.
        await returning;
        const broker = 1 + Math.floor(random() * 3);
        kafka?.kill(broker);
        returning = sleep(random() * 3000).then(() => kafka?.restart(broker));
        continue;
      }
      await kill(processes.get(role)!);
      processes.set(role, await start(role));
    }
    await returning;
    await sleep(kafka === undefined ? 200 : 5000);
  } finally {
    await returning?.catch(() => {});
    for (const child of processes.values()) await kill(child);
  }
  try {
    return await count(folder, places, acknowledged);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

async function count(folder: string, places: Places, acknowledged: ReadonlySet<string>): Promise<CrashReport> {
  const pipeline = await openPipeline(folder, places);
  const stop = new AbortController();
  const running = pipeline.enricher.run(stop.signal);
  const end = await pipeline.log.end('raw-events');
  while (distance(await pipeline.log.committed('raw-events', 'enricher'), end) > 0) await sleep(10);
  stop.abort();
  await running;
  await pipeline.updater.catchUp();
  const report = await recount(pipeline.log, pipeline.store, acknowledged);
  await pipeline.close();
  return report;
}

/** Compares the topics with what was acknowledged, and the store with the topics. */
export async function recount(log: EventLog, store: FeatureStore, acknowledged: ReadonlySet<string>): Promise<CrashReport> {
  const places = new Map<string, Set<Topic>>();
  const counts = new Map<string, number>();
  const add = (id: string, topic: Topic): boolean => {
    const topics = places.get(id) ?? new Set();
    const isNew = topics.size === 0;
    places.set(id, topics.add(topic));
    return isNew;
  };
  for await (const batch of log.read('enriched-events')) {
    for (const record of batch) {
      const event = enrichedEventSchema.parse(record.value);
      if (!add(event.id, 'enriched-events') || event.kind !== 'action') continue;
      for (const key of [`user:${event.userId}`, `item:${event.itemId}`]) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  for (const topic of ['invalid-events', 'dead-letter-events'] as const) {
    for await (const batch of log.read(topic)) {
      for (const record of batch) add(rawEventSchema.parse(divertedEventSchema.parse(record.value).event).id, topic);
    }
  }
  const stored = new Map<string, number>();
  for (const kind of ['user', 'item'] as const) {
    for await (const [key, state] of store.scan(kind)) {
      stored.set(key, Number(state.features[kind === 'user' ? 'count-actor' : 'count-item'] ?? 0));
    }
  }
  const keys = new Set([...counts.keys(), ...stored.keys()]);
  const inEnriched = [...places.values()].filter((topics) => topics.has('enriched-events')).length;
  return {
    acknowledged: acknowledged.size,
    lost: [...acknowledged].filter((id) => !places.has(id)),
    doubled: [...places].filter(([, topics]) => topics.size > 1).map(([id]) => id),
    miscounted: [...keys].filter((key) => counts.get(key) !== stored.get(key)),
    enriched: inEnriched,
    diverted: places.size - inEnriched,
  };
}
