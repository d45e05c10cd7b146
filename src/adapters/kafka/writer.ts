import type { Clock } from '../../domain/clock.ts';
import { UnavailableError } from '../../domain/errors.ts';
import type { LogEntry } from '../../ports/eventLog.ts';
import type { LogProducer } from './clients.ts';
import { persist, reasons } from './failures.ts';
import { partitionOf, recordKey } from './recordKeys.ts';

const ALL_IN_SYNC = -1;
const MAX_REQUEST_RECORDS = 2000;
const MAX_REQUEST_BYTES = 700_000;

interface Message {
  readonly topic: string;
  /** By the key where absent. */
  readonly partition?: number;
  readonly key: Buffer;
  /** None in a tombstone. */
  readonly value: Buffer | null;
  readonly timestamp: bigint;
}

interface Pending {
  readonly messages: readonly Message[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

type Sender = Pick<LogProducer, 'send' | 'metadata' | 'initIdempotentProducer'>;

/**
 * Appends what waits together, one request after the other, so that an idempotent producer's sequence stays in order and a
 * key's records too. Resolves when all replicas in sync have them.
 */
export class KafkaWriter {
  readonly #producer: Sender;
  readonly #clock: Clock;
  #pending: Pending[] = [];
  #running: Promise<void> | undefined;

  /** Whether a request failed that a broker may have taken all the same. */
  #inDoubt = false;

  constructor(producer: Sender, clock: Clock) {
    this.#producer = producer;
    this.#clock = clock;
  }

  append(topic: string, entries: readonly LogEntry[]): Promise<void> {
    const timestamp = BigInt(this.#clock());
    const messages = entries.map(({ key, value }) => ({
      topic,
      key: recordKey(key),
      value: Buffer.from(JSON.stringify(value)),
      timestamp,
    }));
    return this.#enqueue(messages);
  }

  /** Says of a partition's records that they go at the next compaction. */
  erase(topic: string, partition: number, storedKeys: readonly string[]): Promise<void> {
    const timestamp = BigInt(this.#clock());
    return this.#enqueue(
      storedKeys.map((key) => ({ topic, partition, key: Buffer.from(key, 'latin1'), value: null, timestamp })),
    );
  }

  #enqueue(messages: readonly Message[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ messages, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  /**
   * A broker that is gone is still the leader to the client until its metadata are renewed. Records of partitions that did
   * take them are appended again; their consumers tell events apart by id. Records that follow a request given up get numbers of
   * a new producer: the client counts answers, so they would have those of the lost one, and a broker that took it would call them
   * repeated, acknowledge them and keep nothing.
   */
  async #send(messages: readonly Message[]): Promise<void> {
    const topics = [...new Set(messages.map(({ topic }) => topic))];
    await persist(
      async () => {
        if (this.#inDoubt) await this.#producer.initIdempotentProducer({});
        this.#inDoubt = false;
        await this.#producer.send({ messages: [...messages], acks: ALL_IN_SYNC, idempotent: true, partitioner: partitionOf });
      },
      () => this.#producer.metadata({ topics, forceUpdate: true }),
    );
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    try {
      while (this.#pending.length > 0) {
        const group = this.#pending;
        this.#pending = [];
        try {
          for (const messages of requests(group.flatMap((pending) => pending.messages))) {
            await this.#send(messages);
          }
          for (const { resolve } of group) resolve();
        } catch (error) {
          this.#inDoubt = true;
          const failure = refusal(error);
          for (const { reject } of group) reject(failure);
        }
      }
    } finally {
      // Not a moment later: what is handed in from now on needs a run of its own.
      this.#running = undefined;
    }
  }
}

function requests(messages: readonly Message[]): Message[][] {
  const found: Message[][] = [[]];
  let bytes = 0;
  for (const message of messages) {
    let last = found.at(-1)!;
    const size = (message.value?.length ?? 0) + message.key.length + 32;
    bytes += size;
    if (last.length > 0 && (last.length >= MAX_REQUEST_RECORDS || bytes > MAX_REQUEST_BYTES)) {
      last = [];
      found.push(last);
      bytes = size;
    }
    last.push(message);
  }
  return found;
}

function refusal(error: unknown): UnavailableError {
  const all = reasons(error);
  const why = all.includes('NOT_ENOUGH_REPLICAS')
    ? 'too few replicas are in sync (NOT_ENOUGH_REPLICAS)'
    : (all[0] ?? String(error));
  return new UnavailableError(`the event log (Kafka) did not take the events: ${why}`, { retryAfter: 5, cause: error });
}
