import type { Admin, Consumer, RecordsBatch } from '@platformatic/kafka';
import { UnavailableError } from '../../domain/errors.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { LogRecord } from '../../ports/eventLog.ts';
import { entryKey } from './recordKeys.ts';

const READ_COMMITTED = 1;
const CONTROL_BATCH = 0x20;
const LOG_APPEND_TIME = 0x08;
const MAX_BYTES = 8 * 1024 * 1024;
const PARTITION_BYTES = 2 * 1024 * 1024;

/** A record and its key as Kafka has it. */
export interface KafkaRecord extends LogRecord {
  readonly storedKey: string;
}

/** What one fetch brought of a partition, and where to go on. */
export interface Fetched {
  readonly partition: number;
  readonly records: readonly KafkaRecord[];
  /** Keys of tombstones: of the records that go at the next compaction. */
  readonly tombstones: readonly string[];
  readonly next: number;
  /** The offset after the newest committed record that the leader is sure of. */
  readonly end: number;
}

export interface FetchFrom {
  readonly partition: number;
  readonly offset: number;
}

/** Leaders, from metadata that is renewed after a failure. */
export class Fetcher {
  readonly #admin: Admin;
  readonly #topic: string;
  #renew = false;

  constructor(admin: Admin, topic: string) {
    this.#admin = admin;
    this.#topic = topic;
  }

  async partitions(): Promise<number[]> {
    const metadata = await this.#metadata();
    return metadata.partitions.map((_, partition) => partition);
  }

  /** Asks every leader for what is its own; answers as soon as one has something, or after `waitMs` each. */
  async fetch(consumer: Consumer, from: readonly FetchFrom[], waitMs: number): Promise<Fetched[]> {
    if (from.length === 0) return [];
    const topic = await this.#metadata();
    const byLeader = new Map<number, FetchFrom[]>();
    for (const place of from) {
      const leader = topic.partitions[place.partition]?.leader ?? -1;
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), place]);
    }
    try {
      const answers = await Promise.all(
        [...byLeader].map(([leader, places]) =>
          this.#ask(consumer, topic.id, leader, places, byLeader.size > 1 ? waitMs / 2 : waitMs),
        ),
      );
      return answers.flat();
    } catch (error) {
      this.#renew = true;
      throw new UnavailableError(`Kafka did not answer a fetch of ${this.#topic}: ${String(error)}`, { cause: error });
    }
  }

  async #ask(
    consumer: Consumer,
    topicId: string,
    node: number,
    places: readonly FetchFrom[],
    waitMs: number,
  ): Promise<Fetched[]> {
    const { responses } = await consumer.fetch({
      node,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      maxWaitTime: Math.round(waitMs),
      isolationLevel: READ_COMMITTED,
      topics: [
        {
          topicId,
          partitions: places.map(({ partition, offset }) => ({
            partition,
            currentLeaderEpoch: -1,
            fetchOffset: BigInt(offset),
            lastFetchedEpoch: -1,
            partitionMaxBytes: PARTITION_BYTES,
          })),
        },
      ],
    });
    const starts = new Map(places.map(({ partition, offset }) => [partition, offset]));
    return responses.flatMap(({ partitions }) =>
      partitions.map(({ partitionIndex, records, logStartOffset, highWatermark }) => ({
        ...toRecords(partitionIndex, records ?? [], Math.max(starts.get(partitionIndex) ?? 0, Number(logStartOffset))),
        end: Number(highWatermark),
      })),
    );
  }

  async #metadata() {
    const metadata = await this.#admin.metadata({ topics: [this.#topic], forceUpdate: this.#renew });
    this.#renew = false;
    const topic = metadata.topics.get(this.#topic);
    if (topic === undefined) throw new UnavailableError(`Kafka knows no topic ${this.#topic}`);
    return topic;
  }
}

function toRecords(partition: number, batches: readonly RecordsBatch[], from: number): Omit<Fetched, 'end'> {
  const records: KafkaRecord[] = [];
  const tombstones: string[] = [];
  let next = from;
  for (const batch of batches) {
    const first = Number(batch.firstOffset);
    next = Math.max(next, first + batch.lastOffsetDelta + 1);
    if ((batch.attributes & CONTROL_BATCH) !== 0) continue;
    for (const record of batch.records) {
      const offset = first + record.offsetDelta;
      if (offset < from) continue;
      const at = (batch.attributes & LOG_APPEND_TIME) !== 0 ? batch.maxTimestamp : batch.firstTimestamp + record.timestampDelta;
      const stored = record.key ?? Buffer.alloc(0);
      const storedKey = stored.toString('latin1');
      if (record.value === null || record.value === undefined) {
        tombstones.push(storedKey);
        continue;
      }
      const value: JsonValue = JSON.parse(record.value.toString());
      records.push({ key: entryKey(stored).toString(), storedKey, value, partition, offset, appendedAt: Number(at) });
    }
  }
  return { partition, records, tombstones, next };
}
