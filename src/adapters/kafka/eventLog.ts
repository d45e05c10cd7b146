import { setTimeout as sleep } from 'node:timers/promises';
import type { LoopConfig } from '../../config/schema.ts';
import { type Clock, systemClock } from '../../domain/clock.ts';
import { UnavailableError, UserError } from '../../domain/errors.ts';
import type {
  CompactOptions,
  ConsumeOptions,
  EventLog,
  LogEntry,
  LogHandler,
  LogOutput,
  LogPosition,
  LogRecord,
  LogTransform,
  Topic,
} from '../../ports/eventLog.ts';
import { LogAdmin, LogConsumer, LogProducer } from './clients.ts';
import { persist, reasons } from './failures.ts';
import { type Fetched, Fetcher } from './fetcher.ts';
import { memberLoop } from './member.ts';
import { ensureTopics, type KafkaLogConfig, topicName } from './topics.ts';
import { KafkaWriter } from './writer.ts';

/** Milliseconds. Retries times delay outlast the election of a new leader. */
const RETRIES = { retries: 8, retryDelay: 300, connectTimeout: 2000, requestTimeout: 10_000, timeout: 5000 } as const;
const GROUP = { sessionTimeout: 10_000, heartbeatInterval: 1000, rebalanceTimeout: 15_000 } as const;
/** How long a member that is to end may wait for brokers that do not answer, milliseconds. */
const GRACE = 5000;
const LATEST = -1n;
const EARLIEST = -2n;

/**
 * The log on Kafka: idempotent producer, acks from all replicas in sync, consumers that commit after their effects, read
 * committed. What it cannot do: `transform` appends before it commits, so a crash in between appends again (effects are
 * idempotent by event id); what `compact` drops is gone at once only at a partition's beginning, elsewhere at Kafka's next
 * compaction.
 * @throws UserError for topics with weaker settings; UnavailableError when no broker answers
 */
export interface KafkaLogOptions {
  readonly clock?: Clock;
  readonly retentionDays?: LoopConfig['retentionDays'];
}

export async function openKafkaEventLog(config: KafkaLogConfig, options: KafkaLogOptions = {}): Promise<EventLog> {
  const admin = new LogAdmin({ clientId: 'winnow-admin', bootstrapBrokers: config.brokers, metadataMaxAge: 5000, ...RETRIES });
  admin.on('error', () => {});
  try {
    await ensureTopics(admin, { config, retentionDays: options.retentionDays });
  } catch (error) {
    await admin.close();
    if (error instanceof UserError) throw error;
    throw new UnavailableError(`Kafka at ${config.brokers.join(', ')} did not answer: ${String(error)}`, { cause: error });
  }
  return new KafkaEventLog(config, admin, options.clock ?? systemClock);
}

class KafkaEventLog implements EventLog {
  readonly #config: KafkaLogConfig;
  readonly #admin: LogAdmin;
  readonly #producer: LogProducer;
  readonly #writer: KafkaWriter;
  readonly #reader: LogConsumer;
  readonly #closing = new AbortController();
  readonly #members = new Set<Promise<void>>();

  constructor(config: KafkaLogConfig, admin: LogAdmin, clock: Clock) {
    this.#config = config;
    this.#admin = admin;
    const base = { bootstrapBrokers: config.brokers, metadataMaxAge: 5000, ...RETRIES };
    this.#producer = new LogProducer({ ...base, clientId: 'winnow-producer', idempotent: true, acks: -1, strict: true });
    this.#reader = new LogConsumer({ ...base, clientId: 'winnow-reader', groupId: `${config.topicPrefix}reader` });
    for (const client of [this.#producer, this.#reader]) client.on('error', () => {});
    this.#writer = new KafkaWriter(this.#producer, clock);
  }

  async append(topic: Topic, entries: readonly LogEntry[]): Promise<void> {
    if (entries.length > 0) await this.#writer.append(this.#name(topic), entries);
  }

  async *read(
    topic: Topic,
    options: { from?: LogPosition; to?: LogPosition; maxBatch?: number } = {},
  ): AsyncIterable<readonly LogRecord[]> {
    const size = options.maxBatch ?? 1000;
    for (const [name, last] of Object.entries(await this.end(topic))) {
      const to = Math.min(options.to?.[name] ?? (options.to === undefined ? last : 0), last);
      for await (const { records } of this.#fetch(topic, Number(name), options.from?.[name] ?? 0, to)) {
        for (let start = 0; start < records.length; start += size) yield records.slice(start, start + size);
      }
    }
  }

  /** What a partition still holds from an offset on up to another. @throws UnavailableError */
  async *#fetch(topic: Topic, partition: number, from: number, to: number): AsyncIterable<Fetched> {
    const fetcher = new Fetcher(this.#admin, this.#name(topic));
    let offset = Math.max(from, from < to ? ((await this.#offsets(topic, EARLIEST))[partition] ?? 0) : 0);
    while (offset < to) {
      const [fetched] = await this.#ask(topic, () => fetcher.fetch(this.#reader, [{ partition, offset }], 500));
      if (fetched === undefined || fetched.next === offset)
        throw new UnavailableError(`Kafka gave nothing of ${topic} at ${partition}/${offset}`);
      yield { ...fetched, records: fetched.records.filter((record) => record.offset < to) };
      offset = fetched.next;
    }
  }

  consume(topic: Topic, group: string, handler: LogHandler, options: ConsumeOptions): Promise<void> {
    const transform = async (batch: readonly LogRecord[]): Promise<readonly LogOutput[]> => {
      await handler(batch);
      return [];
    };
    return this.transform(topic, group, transform, options);
  }

  async transform(topic: Topic, group: string, handler: LogTransform, options: ConsumeOptions): Promise<void> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    const name = this.#name(topic);
    const running = memberLoop({
      topic: name,
      connect: () =>
        new LogConsumer({
          clientId: 'winnow-consumer',
          groupId: this.#group(topic, group),
          bootstrapBrokers: this.#config.brokers,
          metadataMaxAge: 5000,
          ...RETRIES,
          ...GROUP,
        }),
      fetcher: new Fetcher(this.#admin, name),
      handler,
      options: { ...options, signal },
      committed: async (partition) => (await this.committed(topic, group))[partition] ?? 0,
      beginning: async (partition) => (await this.#offsets(topic, EARLIEST))[partition] ?? 0,
      append: async (outputs) => {
        for (const output of outputs) await this.append(output.topic, output.entries);
      },
    });
    const ended = Promise.race([running, graceAfter(signal)]);
    this.#members.add(ended);
    await ended.finally(() => this.#members.delete(ended));
  }

  async end(topic: Topic): Promise<LogPosition> {
    try {
      return await this.#offsets(topic, LATEST);
    } catch (error) {
      // A leader that is alone since its election does not say what its newest offset is; what is committed it still serves.
      if (!reasons(error).includes('OFFSET_NOT_AVAILABLE')) throw error;
      const beginning = await this.#offsets(topic, EARLIEST);
      const from = Object.entries(beginning).map(([partition, offset]) => ({ partition: Number(partition), offset }));
      const fetcher = new Fetcher(this.#admin, this.#name(topic));
      const fetched = await this.#ask(topic, () => fetcher.fetch(this.#reader, from, 100));
      return Object.fromEntries(fetched.map(({ partition, end }) => [partition, end]));
    }
  }

  async committed(topic: Topic, group: string): Promise<LogPosition> {
    const groupId = this.#group(topic, group);
    const [listed] = await this.#ask(topic, async () => {
      const partitionIndexes = await new Fetcher(this.#admin, this.#name(topic)).partitions();
      return this.#admin.listConsumerGroupOffsets({
        groups: [{ groupId, topics: [{ name: this.#name(topic), partitionIndexes }] }],
      });
    });
    const partitions = listed?.topics[0]?.partitions ?? [];
    return Object.fromEntries(
      partitions.map(({ partitionIndex, committedOffset }) => [partitionIndex, Math.max(0, Number(committedOffset))]),
    );
  }

  /** Before the first record that stays Kafka deletes them at once; each later one gets a tombstone. */
  async compact(topic: Topic, drop: (record: LogRecord) => boolean, options: CompactOptions = {}): Promise<number> {
    const starts: { partition: number; offset: bigint }[] = [];
    let dropped = 0;
    for (const [name, last] of Object.entries(await this.end(topic))) {
      const partition = Number(name);
      let start = 0;
      let stays = false;
      const erased = new Set<string>();
      for await (const { records, tombstones } of this.#fetch(topic, partition, 0, last)) {
        for (const record of records) {
          const drops = drop(record);
          stays ||= !drops;
          if (drops) dropped++;
          if (drops && stays) erased.add(record.storedKey);
          else if (drops) start = record.offset + 1;
        }
        if (stays && options.beginningOnly) break;
        // What has its tombstone already only waits for the compaction.
        for (const key of tombstones) if (erased.delete(key)) dropped--;
      }
      if (start > 0) starts.push({ partition, offset: BigInt(start) });
      const keys = options.beginningOnly ? [] : [...erased];
      if (options.beginningOnly) dropped -= erased.size;
      if (keys.length > 0) await this.#writer.erase(this.#name(topic), partition, keys);
    }
    if (starts.length > 0) {
      await this.#ask(topic, () => this.#admin.deleteRecords({ topics: [{ name: this.#name(topic), partitions: starts }] }));
    }
    return dropped;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled([...this.#members]);
    await Promise.race([this.#writer.idle(), sleep(GRACE, undefined, { ref: false })]);
    const clients = [this.#producer.close(), this.#reader.close(true), this.#admin.close()];
    await Promise.race([Promise.allSettled(clients), sleep(GRACE, undefined, { ref: false })]);
  }

  readonly #name = (topic: Topic): string => topicName(this.#config, topic);
  readonly #group = (topic: Topic, group: string): string => `${this.#config.topicPrefix}${encodeURIComponent(group)}.${topic}`;

  async #ask<T>(topic: Topic, call: () => Promise<T>): Promise<T> {
    try {
      return await persist(call, () => this.#admin.metadata({ topics: [this.#name(topic)], forceUpdate: true }));
    } catch (error) {
      throw new UnavailableError(`the event log (Kafka) did not answer: ${reasons(error)[0] ?? String(error)}`, { cause: error });
    }
  }

  async #offsets(topic: Topic, timestamp: bigint): Promise<LogPosition> {
    const [listed] = await this.#ask(topic, async () => {
      const partitions = await new Fetcher(this.#admin, this.#name(topic)).partitions();
      return this.#admin.listOffsets({
        topics: [{ name: this.#name(topic), partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp })) }],
      });
    });
    return Object.fromEntries((listed?.partitions ?? []).map(({ partitionIndex, offset }) => [partitionIndex, Number(offset)]));
  }
}

/** Resolves so long after the signal aborts. What a member was at comes again to another one. */
const graceAfter = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => void setTimeout(resolve, GRACE).unref();
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
