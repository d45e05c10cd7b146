import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { distance, type EventLog, type LogRecord } from '../eventLog.ts';

export interface EventLogSubject {
  readonly log: EventLog;
  /** A second member as another process would open it; the same log again where that is not possible. */
  readonly other: EventLog;
  close(): Promise<void>;
}

export interface ConformanceOptions {
  readonly timeout?: number;
  /** What `compact` can do: drop any record, or only those before the first that stays. */
  readonly compaction?: 'any' | 'from the beginning';
  /** Whether a partition that goes from one member to another may still be worked on by the first for one batch. */
  readonly handover?: 'strict' | 'may repeat';
}

/** What every event log must do. `open` gives a log in which nobody has written, with every topic there. */
export function eventLogConformance(name: string, open: () => Promise<EventLogSubject>, options: ConformanceOptions = {}): void {
  describe(`event log: ${name}`, { timeout: options.timeout ?? 20_000 }, () => {
    let subject: EventLogSubject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject.close();
    });

    const entries = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => ({ key: `user:${(from + i) % 7}`, value: { n: from + i } }));

    const all = async (log: EventLog, topic: 'raw-events' | 'enriched-events' = 'raw-events'): Promise<LogRecord[]> => {
      const found: LogRecord[] = [];
      for await (const batch of log.read(topic)) found.push(...batch);
      return found;
    };

    const numbers = (records: readonly LogRecord[]): number[] =>
      records.map(({ value }) => numberOf(value)).sort((a, b) => a - b);

    test('gives back what was appended, each key in its order, as written', async () => {
      const strange = { key: 'user:ü💡\u0001', value: { text: 'a"b\\c 💡', list: [1.5, null, true, { x: [] }] } };
      await subject.log.append('raw-events', [strange]);
      await subject.log.append('raw-events', entries(0, 1300));
      const found = await all(subject.other);
      expect(found).toHaveLength(1301);
      expect(found.find((record) => record.key === strange.key)?.value).toEqual(strange.value);
      for (let key = 0; key < 7; key++) {
        const ofKey = found.filter((record) => record.key === `user:${key}`).map((record) => numberOf(record.value));
        expect(ofKey).toEqual([...ofKey].sort((a, b) => a - b));
        expect(new Set(found.filter((record) => record.key === `user:${key}`).map((r) => r.partition)).size).toBe(1);
      }
      for (const record of found) expect(Math.abs(record.appendedAt - Date.now())).toBeLessThan(3_600_000);
      expect(await all(subject.log, 'enriched-events')).toEqual([]);
    });

    test('reads from a position up to another', async () => {
      await subject.log.append('raw-events', entries(0, 700));
      const middle = await subject.log.end('raw-events');
      await subject.log.append('raw-events', entries(700, 1500));
      const end = await subject.log.end('raw-events');
      await subject.log.append('raw-events', entries(1500, 1510));
      expect(distance(middle, end)).toBe(800);
      const found: LogRecord[] = [];
      for await (const batch of subject.log.read('raw-events', { from: middle, to: end, maxBatch: 90 })) {
        expect(batch.length).toBeLessThanOrEqual(90);
        found.push(...batch);
      }
      expect(numbers(found)).toEqual(Array.from({ length: 800 }, (_, i) => 700 + i));
    });

    test('appends side by side without losing or doubling any', async () => {
      await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          (i % 2 === 0 ? subject.log : subject.other).append('raw-events', entries(i * 5, i * 5 + 5)),
        ),
      );
      expect(numbers(await all(subject.log))).toEqual(Array.from({ length: 200 }, (_, i) => i));
    });

    test('feeds a group from where it committed, and new records soon', async () => {
      await subject.log.append('raw-events', entries(0, 50));
      const first = await collect(subject.log, 'g', 50);
      expect(numbers(first)).toEqual(Array.from({ length: 50 }, (_, i) => i));
      await subject.log.append('raw-events', entries(50, 60));
      const second = await collect(subject.other, 'g', 10);
      expect(numbers(second)).toEqual(Array.from({ length: 10 }, (_, i) => 50 + i));
      expect(distance(await subject.log.committed('raw-events', 'g'), await subject.log.end('raw-events'))).toBe(0);
      expect(numbers(await collect(subject.log, 'another group', 60))).toHaveLength(60);
    });

    test('gives a batch again when its handler failed', async () => {
      await subject.log.append('raw-events', entries(0, 5));
      const errors: unknown[] = [];
      let calls = 0;
      const seen: number[] = [];
      await until(subject.log, 'g', errors, async (batch, done) => {
        calls++;
        if (calls <= 2) throw new Error('not yet');
        seen.push(...batch.map((record) => numberOf(record.value)));
        if (seen.length >= 5) done();
      });
      expect(errors.length).toBeGreaterThanOrEqual(2);
      expect(new Set(seen)).toEqual(new Set([0, 1, 2, 3, 4]));
    });

    test('one member of a group has a partition at a time', async () => {
      const stop = new AbortController();
      const working = new Map<number, number>();
      const got = new Map<number, number>();
      let overlap = false;
      const member = (log: EventLog) =>
        log.consume(
          'raw-events',
          'g',
          async (batch) => {
            const partitions = new Set(batch.map((record) => record.partition));
            for (const partition of partitions) {
              working.set(partition, (working.get(partition) ?? 0) + 1);
              overlap ||= working.get(partition)! > 1;
            }
            await sleep(5);
            for (const partition of partitions) working.set(partition, working.get(partition)! - 1);
            for (const record of batch) got.set(numberOf(record.value), (got.get(numberOf(record.value)) ?? 0) + 1);
          },
          { signal: stop.signal, maxBatch: 10 },
        );
      const members = [member(subject.log), member(subject.other)];
      for (let i = 0; i < 10; i++) await subject.log.append('raw-events', entries(i * 20, i * 20 + 20));
      await eventually(() => got.size === 200);
      stop.abort();
      await Promise.all(members);
      if (options.handover !== 'may repeat') expect(overlap).toBe(false);
    });

    test('starts where the handler says, whatever was committed', async () => {
      await subject.log.append('raw-events', entries(0, 20));
      await collect(subject.log, 'g', 20);
      const again: LogRecord[] = [];
      const stop = new AbortController();
      const running = subject.log.consume('raw-events', 'g', async (batch) => void again.push(...batch), {
        signal: stop.signal,
        start: async () => 0,
      });
      await eventually(() => again.length >= 20);
      stop.abort();
      await running;
      expect(numbers(again)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    });

    test('a transformation stores its outputs and its commit together', async () => {
      await subject.log.append('raw-events', entries(0, 30));
      const stop = new AbortController();
      let failures = 2;
      const running = subject.log.transform(
        'raw-events',
        'doubler',
        async (batch) => {
          if (failures-- > 0) throw new Error('before its outputs are stored');
          return [
            {
              topic: 'enriched-events',
              entries: batch.map(({ key, value }) => ({ key, value: { n: numberOf(value) * 2 } })),
            },
          ];
        },
        { signal: stop.signal, maxBatch: 7 },
      );
      await eventually(async () => (await all(subject.other, 'enriched-events')).length >= 30);
      stop.abort();
      await running;
      expect(numbers(await all(subject.log, 'enriched-events'))).toEqual(Array.from({ length: 30 }, (_, i) => i * 2));
      expect(distance(await subject.log.committed('raw-events', 'doubler'), await subject.log.end('raw-events'))).toBe(0);
    });

    test('compaction of the beginning stops at the first that stays', async () => {
      await subject.log.append('raw-events', entries(0, 700));
      const before = await all(subject.log);
      const end = await subject.log.end('raw-events');
      const isOld = (record: LogRecord): boolean => numberOf(record.value) < 100 || numberOf(record.value) >= 600;
      expect(await subject.log.compact('raw-events', isOld, { beginningOnly: true })).toBe(100);
      expect(numbers(await all(subject.other))).toEqual(numbers(before).filter((n) => n >= 100));
      expect(await subject.log.end('raw-events')).toEqual(end);
    });

    if (options.compaction === 'from the beginning') {
      test('compaction drops what comes before the first that stays', async () => {
        await subject.log.append('raw-events', entries(0, 100));
        const before = await all(subject.log);
        const end = await subject.log.end('raw-events');
        const old = (record: LogRecord): boolean => numberOf(record.value) < 50;
        expect(await subject.log.compact('raw-events', old)).toBe(50);
        expect(numbers(await all(subject.other))).toEqual(numbers(before.filter((record) => !old(record))));
        expect(await subject.log.end('raw-events')).toEqual(end);
      });
    } else {
      test('compaction drops what it is told to and keeps the offsets of the rest', async () => {
        await subject.log.append('raw-events', entries(0, 1200));
        const before = await all(subject.log);
        const end = await subject.log.end('raw-events');
        const dropped = await subject.log.compact('raw-events', (record) => record.key === 'user:3');
        expect(dropped).toBe(before.filter((record) => record.key === 'user:3').length);
        const after = await all(subject.other);
        expect(new Map(after.map((r) => [`${r.partition}/${r.offset}`, r.value]))).toEqual(
          new Map(before.filter((r) => r.key !== 'user:3').map((r) => [`${r.partition}/${r.offset}`, r.value])),
        );
        expect(await subject.log.end('raw-events')).toEqual(end);
        await subject.log.append('raw-events', entries(1200, 1210));
        expect(distance(end, await subject.log.end('raw-events'))).toBe(10);
        await subject.log.compact('raw-events', () => true);
        const rest = await collectUntilCommitted(subject.log, 'late');
        expect(rest).toEqual([]);
      });
    }
  });
}

const numberOf = (value: unknown): number =>
  typeof value === 'object' && value !== null && 'n' in value ? Number(value.n) : Number.NaN;

async function eventually(condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('it did not come about in time');
    await sleep(10);
  }
}

async function until(
  log: EventLog,
  group: string,
  errors: unknown[],
  handler: (batch: readonly LogRecord[], done: () => void) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  await log.consume('raw-events', group, (batch) => handler(batch, () => stop.abort()), {
    signal: stop.signal,
    onError: (error) => errors.push(error),
  });
}

async function collect(log: EventLog, group: string, count: number): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  await until(log, group, [], async (batch, done) => {
    found.push(...batch);
    if (found.length >= count) done();
  });
  return found;
}

async function collectUntilCommitted(log: EventLog, group: string): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  const stop = new AbortController();
  const running = log.consume('raw-events', group, async (batch) => void found.push(...batch), { signal: stop.signal });
  await eventually(async () => distance(await log.committed('raw-events', group), await log.end('raw-events')) === 0);
  stop.abort();
  await running;
  return found;
}
