import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKafkaEventLog } from '../../src/adapters/kafka/eventLog.ts';
import { openLmdbEventLog } from '../../src/adapters/lmdb/eventLog.ts';
import { seededRandom } from '../../src/domain/random.ts';
import type { EventLog } from '../../src/ports/eventLog.ts';
import { startBrokers, type TestBrokers } from '../services/brokers.ts';
import { type BenchReport, quantile, rounded } from './report.ts';
import { measureFreshness } from './support/freshness.ts';
import { measureParts, type PartTime } from './support/throughput.ts';

const SIZE = { events: 50_000, users: 2000, items: 3000 };
const RATE = 500;
const SECONDS = 20;
const PORT = 26_192;
/** Places in the code that took less of a part's time than this go together. */
const LEAST_SHARE = 0.04;

const TITLES = {
  collect: 'collect: check and append to raw-events',
  enrich: 'validate and enrich',
  update: 'update the feature store',
} as const;

/**
 * Events a second of each part of the loop, where their time goes, and how soon an action shows in the next list under load.
 * On the embedded log; with `--kafka` on three brokers that it starts. `--events N` and `--seconds N` for other lengths.
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const kafka = args.includes('--kafka') ? await startBrokers(PORT) : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'winnow-bench-events-'));
  try {
    const size = { ...SIZE, events: option(args, '--events', SIZE.events) };
    const seconds = option(args, '--seconds', SECONDS);
    const log = await openLog(folder, kafka);
    const parts = await measureParts(log, folder, { ...size, random: seededRandom(1) }).finally(() => log.close());
    const extra = kafka === undefined ? '' : `eventLog: ${JSON.stringify({ kind: 'kafka', brokers: kafka.brokers })}\n`;
    const { latencies, rate } = await measureFreshness(join(folder, 'shop'), { rate: RATE, seconds, extra });
    return report(kafka !== undefined, { ...size, seconds }, parts, latencies, rate);
  } finally {
    await kafka?.stop();
    await rm(folder, { recursive: true });
  }
}

const openLog = async (folder: string, kafka: TestBrokers | undefined): Promise<EventLog> =>
  kafka === undefined
    ? await openLmdbEventLog(join(folder, 'log'))
    : openKafkaEventLog({
        kind: 'kafka',
        brokers: [...kafka.brokers],
        topicPrefix: 'bench.',
        partitions: 6,
        replicationFactor: 3,
        minInsyncReplicas: 2,
        erasureDays: 7,
      });

function report(
  isKafka: boolean,
  size: typeof SIZE & { seconds: number },
  parts: readonly PartTime[],
  latencies: readonly number[],
  rate: number,
): BenchReport {
  const perEvent = parts.slice(1).reduce((sum, { cpuSeconds, events }) => sum + cpuSeconds / events, 0);
  const together = Math.round(1 / perEvent);
  const p50 = rounded(quantile(latencies, 0.5), 0);
  const p99 = rounded(quantile(latencies, 0.99), 0);
  const throughput = {
    what: 'validate, enrich and update on one core',
    expected: '≥ 10000 events/s',
    measured: together,
    passed: together >= 10_000,
  };
  const freshness = {
    what: `an action is in the next /recommend, p99 at ${RATE} events/s`,
    expected: '≤ 1000 ms',
    measured: p99,
    passed: p99 <= 1000,
  };
  return {
    name: isKafka ? 'events-kafka' : 'events',
    title: isKafka ? 'The loop on three Kafka brokers and the embedded store' : 'The loop on the embedded log and store',
    setup: { ...size, loadEventsPerSecond: rounded(rate, 0) },
    columns: ['part', 'events/s', 'events/s of one core’s time', 'µs of CPU an event', 'share of the part’s own time'],
    rows: [
      ...parts.flatMap(rowsOf),
      ['validate, enrich and update together, on one core', together, together, rounded(1e6 * perEvent, 1), null],
    ],
    checks: [throughput, freshness],
    notes: [
      `From sending an action over HTTP to a list that reflects it: p50 ${p50} ms, p99 ${p99} ms over ${latencies.length} people, the service in one process, load and questions in another.`,
      'CPU is of the process that runs the parts, with its threads; brokers are not counted. Each part runs by itself; shares are of its main thread.',
    ],
  };
}

function rowsOf({ part, events, seconds, cpuSeconds, shares }: PartTime): (string | number | null)[][] {
  const large = shares.filter(([, share]) => share >= LEAST_SHARE);
  const rest = 1 - large.reduce((sum, [, share]) => sum + share, 0);
  return [
    [TITLES[part], Math.round(events / seconds), Math.round(events / cpuSeconds), rounded((1e6 * cpuSeconds) / events, 1), null],
    ...[...large, ['all else', rest] as const].map(([place, share]) => [`· ${place}`, null, null, null, rounded(share)]),
  ];
}

function option(args: readonly string[], name: string, fallback: number): number {
  const value = Number(args[args.indexOf(name) + 1]);
  return args.includes(name) && Number.isInteger(value) && value > 0 ? value : fallback;
}
