import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, Producer } from '@platformatic/kafka';
import { startBrokers, type TestBrokers } from '../services/brokers.ts';
import { type BenchReport, quantile, rounded } from './report.ts';

const PORT = 26_292;
const TOPIC = 'bench';
const PARTITIONS = 6;
/** Events of one request, as a collector's batches come together under load. */
const BATCH = 100;
const EVENT_BYTES = 250;
const SECONDS = 15;
/** A broker is killed, or hangs, so long after a measurement began. */
const TROUBLE_AFTER = 3000;
const OUTAGE = 5000;

interface Measured {
  readonly eventsPerSecond: number;
  /** Milliseconds from sending a request to its acknowledgement, ascending. */
  readonly latencies: readonly number[];
  readonly refused: number;
}

/**
 * What durability costs: requests one after the other to a topic of three replicas (two in sync asked for), acknowledged by its
 * leader or by all in sync, with all three brokers up, while one dies, with one away, and while one hangs. `--seconds N` a row.
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const given = Number(args[args.indexOf('--seconds') + 1]);
  const seconds = args.includes('--seconds') && given > 0 ? given : SECONDS;
  const cluster = await startBrokers(PORT);
  try {
    await createTopic(cluster);
    const rows: [string, string, Measured][] = [];
    const measured = async (what: string, acks: 1 | -1, trouble?: () => Promise<void>): Promise<void> => {
      const troubled = trouble === undefined ? undefined : sleep(TROUBLE_AFTER).then(trouble);
      rows.push([what, acks === 1 ? '1' : 'all', await measure(cluster, acks, seconds * 1000)]);
      await troubled;
    };
    await measure(cluster, -1, 3000);
    await measured('three brokers', 1);
    await measured('three brokers', -1);
    await measured('one is killed meanwhile', -1, async () => cluster.kill(3));
    await measured('one is away', 1);
    await measured('one is away', -1);
    await cluster.restart(3);
    await allInSync(cluster);
    await measured(`one hangs for ${OUTAGE / 1000} s`, -1, async () => {
      cluster.pause(3);
      await sleep(OUTAGE);
      cluster.resume(3);
    });
    return {
      name: 'kafka',
      title: 'What an acknowledgement of Kafka costs',
      setup: {
        brokers: 3,
        partitions: PARTITIONS,
        replicas: 3,
        minInsync: 2,
        eventsPerRequest: BATCH,
        eventBytes: EVENT_BYTES,
        seconds,
      },
      columns: ['brokers', 'acks', 'events/s', 'p50 ms', 'p99 ms', 'longest ms', 'requests tried again'],
      rows: rows.map(([what, acks, { eventsPerSecond, latencies, refused }]) => [
        what,
        acks,
        Math.round(eventsPerSecond),
        rounded(quantile(latencies, 0.5), 1),
        rounded(quantile(latencies, 0.99), 1),
        rounded(latencies.at(-1) ?? Number.NaN, 0),
        refused,
      ]),
      notes: [
        'One request at a time; a request’s time includes trying it again until it was acknowledged. All brokers, and what measures, share this machine.',
        'The brokers notice after six seconds that one is gone (broker.session.timeout.ms) and wait thirty for a slow replica (replica.lag.time.max.ms).',
      ],
    };
  } finally {
    cluster.resume(3);
    await cluster.stop();
  }
}

const client = (cluster: TestBrokers) => ({
  clientId: 'bench',
  bootstrapBrokers: [...cluster.brokers],
  retries: 3,
  retryDelay: 100,
});

async function createTopic(cluster: TestBrokers): Promise<void> {
  const admin = new Admin(client(cluster));
  await admin.createTopics({ topics: [TOPIC], partitions: PARTITIONS, replicas: 3 });
  await admin.close();
}

async function allInSync(cluster: TestBrokers): Promise<void> {
  const admin = new Admin(client(cluster));
  for (;;) {
    const { topics } = await admin.metadata({ topics: [TOPIC], forceUpdate: true });
    if (topics.get(TOPIC)?.partitions.every(({ isr }) => isr.length === 3) === true) break;
    await sleep(200);
  }
  await admin.close();
}

async function measure(cluster: TestBrokers, acks: 1 | -1, milliseconds: number): Promise<Measured> {
  const producer = new Producer({
    ...client(cluster),
    acks,
    idempotent: acks === -1,
    metadataMaxAge: 1000,
    requestTimeout: 10_000,
  });
  producer.on('error', () => {});
  const value = Buffer.alloc(EVENT_BYTES, 'x');
  const latencies: number[] = [];
  let refused = 0;
  const started = performance.now();
  for (let n = 0; performance.now() - started < milliseconds; n++) {
    const messages = Array.from({ length: BATCH }, (_, i) => ({ topic: TOPIC, key: Buffer.from(`user:${n}-${i}`), value }));
    const sent = performance.now();
    for (;;) {
      const done = await producer.send({ messages, acks }).then(
        () => true,
        () => false,
      );
      if (done) break;
      refused++;
      await producer.metadata({ topics: [TOPIC], forceUpdate: true }).catch(() => {});
      await sleep(50);
    }
    latencies.push(performance.now() - sent);
  }
  const elapsed = (performance.now() - started) / 1000;
  await producer.close(true);
  return { eventsPerSecond: (latencies.length * BATCH) / elapsed, latencies: latencies.sort((a, b) => a - b), refused };
}
