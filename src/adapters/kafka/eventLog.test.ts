import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canStartBrokers, startBrokers, type TestBrokers } from '../../../scripts/services/brokers.ts';
import { UnavailableError, UserError } from '../../domain/errors.ts';
import { eventLogConformance } from '../../ports/conformance/eventLog.ts';
import { distance } from '../../ports/eventLog.ts';
import { openKafkaEventLog } from './eventLog.ts';

let cluster: TestBrokers;
let logs = 0;
const settings = { kind: 'kafka', partitions: 3, replicationFactor: 3, minInsyncReplicas: 2, erasureDays: 7 } as const;

const open = (topicPrefix: string, rest: { erasureDays?: number; retentionDays?: number } = {}) => {
  const { retentionDays, ...own } = rest;
  return openKafkaEventLog({ ...settings, brokers: [...cluster.brokers], topicPrefix, ...own }, { retentionDays });
};

describe.runIf(canStartBrokers())('Kafka', () => {
  beforeAll(async () => {
    cluster = await startBrokers(21_092);
  }, 600_000);
  afterAll(() => cluster.stop(), 60_000);

  eventLogConformance(
    'Kafka',
    async () => {
      const prefix = `test${logs++}.`;
      const log = await open(prefix);
      const other = await open(prefix);
      return {
        log,
        other,
        close: async () => {
          await other.close();
          await log.close();
        },
      };
    },
    { timeout: 60_000, compaction: 'from the beginning', handover: 'may repeat' },
  );

  test('topics with weaker settings are refused, with what to change', async () => {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...cluster.brokers] });
    await admin.createTopics({ topics: ['weak.raw-events'], partitions: 1, replicas: 2 });
    await admin.createTopics({
      topics: ['weak.catalogue'],
      partitions: 1,
      replicas: 3,
      configs: [
        { name: 'min.insync.replicas', value: '1' },
        { name: 'unclean.leader.election.enable', value: 'true' },
        { name: 'cleanup.policy', value: 'delete' },
        { name: 'retention.ms', value: '1000' },
      ],
    });
    await admin.close();
    const refused = await open('weak.', { retentionDays: 30 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UserError);
    expect(String(refused)).toMatch(/weak\.raw-events has 2 replicas, expected 3/);
    expect(String(refused)).toMatch(
      /weak\.catalogue has min\.insync\.replicas=1, expected min\.insync\.replicas=2 \(kafka-configs --alter .*'min\.insync\.replicas=2'\)/,
    );
    expect(String(refused)).toMatch(/weak\.catalogue has cleanup\.policy=delete.*expected cleanup\.policy=\[compact,delete\]/);
    expect(String(refused)).toMatch(/weak\.catalogue has retention\.ms=1000, expected retention\.ms=-1/);
    expect(String(refused)).toMatch(/unclean leader election/);
  });

  test('what is erased from the middle is not on any broker’s disk any more after the compaction, and is nobody’s lag', async () => {
    const log = await open('erasure.', { erasureDays: 1e-5 });
    const secret = 'the-secret-of-anna';
    const append = (key: string, text: string) => log.append('raw-events', [{ key, value: { text } }]);
    const onDisk = () =>
      execFileSync('bash', ['-c', `cat ${cluster.folder}/data-[123]/erasure.raw-events-*/*.log | grep -ac ${secret} || true`], {
        encoding: 'utf8',
      }).trim();
    for (let i = 0; i < 20; i++) {
      await append('user:bert', `before ${i}`);
      await append('user:anna', secret);
    }
    await append('user:carl', 'after');
    expect(onDisk()).not.toBe('0');
    const isAnna = ({ key }: { readonly key: string }) => key === 'user:anna';
    expect(await log.compact('raw-events', isAnna)).toBe(20);
    const stop = new AbortController();
    const got: string[] = [];
    const consuming = log.consume('raw-events', 'g', async (batch) => void got.push(...batch.map(({ key }) => key)), {
      signal: stop.signal,
    });
    let others = 0;
    for (let i = 0; i < 100 && onDisk() !== '0'; i++) {
      // Kafka compacts what is no longer being written to: other events make it go on to the next segment.
      for (const key of ['user:bert', 'user:carl', 'user:dora', 'user:emil', 'user:fred']) await append(key, 'more');
      others += 5;
      await sleep(500);
    }
    expect(onDisk()).toBe('0');
    const left: string[] = [];
    for await (const batch of log.read('raw-events')) left.push(...batch.map(({ key }) => key));
    expect(left.filter((key) => key === 'user:anna')).toEqual([]);
    expect(left).toHaveLength(21 + others);
    expect(await log.compact('raw-events', isAnna)).toBe(0);
    for (let i = 0; i < 100; i++) {
      if (distance(await log.committed('raw-events', 'g'), await log.end('raw-events')) === 0) break;
      await sleep(100);
    }
    expect(distance(await log.committed('raw-events', 'g'), await log.end('raw-events'))).toBe(0);
    stop.abort();
    await consuming;
    await log.close();
  }, 120_000);

  test('no broker there is told within the time a start may take', async () => {
    await expect(openKafkaEventLog({ ...settings, brokers: ['127.0.0.1:1'], topicPrefix: 'x.' })).rejects.toBeInstanceOf(
      UnavailableError,
    );
  });

  test('with one broker killed it goes on; with two writes are refused, what is there is read, and it comes back by itself', async () => {
    const log = await open('away.');
    const append = (n: number) =>
      log.append(
        'raw-events',
        Array.from({ length: 30 }, (_, i) => ({ key: `user:${i}`, value: { n, i } })),
      );
    const count = async () => {
      let records = 0;
      for await (const batch of log.read('raw-events')) records += batch.length;
      return records;
    };
    await append(1);
    cluster.kill(1);
    await append(2);
    expect(await count()).toBeGreaterThanOrEqual(60);
    cluster.kill(2);
    await sleep(8000);
    const refused = await append(3).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnavailableError);
    expect(String(refused)).toMatch(/NOT_ENOUGH_REPLICAS|did not take/);
    // The newest records are read once a second replica has told the new leader that they are committed.
    expect(await count()).toBeGreaterThanOrEqual(30);
    await Promise.all([cluster.restart(1), cluster.restart(2)]);
    let again = false;
    for (let i = 0; i < 30 && !again; i++) {
      again = await append(4).then(
        () => true,
        () => false,
      );
    }
    expect(again).toBe(true);
    expect(distance({}, await log.end('raw-events'))).toBeGreaterThanOrEqual(90);
    await log.close();
  }, 180_000);
});
