import type { JsonValue } from '../domain/json.ts';

export const TOPICS = ['raw-events', 'enriched-events', 'invalid-events', 'dead-letter-events', 'catalogue'] as const;
export type Topic = (typeof TOPICS)[number];

export interface LogEntry {
  /** What orders entries: those of one key keep their order. Users for events, items for catalogue changes. */
  readonly key: string;
  readonly value: JsonValue;
}

export interface LogRecord extends LogEntry {
  readonly partition: number;
  readonly offset: number;
  /** When the log took it, wall clock in milliseconds. Retention counts from here. */
  readonly appendedAt: number;
}

/** A place in a topic: the next offset to read in each partition. A partition that is absent starts at its beginning. */
export type LogPosition = Readonly<Record<string, number>>;

/** Stores the effects of a batch; only when it resolves is the batch committed for the group. */
export type LogHandler = (batch: readonly LogRecord[]) => Promise<void>;

/** What a transformation makes of a batch: entries for other topics. */
export interface LogOutput {
  readonly topic: Topic;
  readonly entries: readonly LogEntry[];
}

/** Turns a batch into entries of other topics, which are stored together with the batch's commit. */
export type LogTransform = (batch: readonly LogRecord[]) => Promise<readonly LogOutput[]>;

export interface CompactOptions {
  /** Only what comes before the first record that stays, in each partition: for retention, which need not read the rest. */
  readonly beginningOnly?: boolean;
}

export interface ConsumeOptions {
  readonly signal: AbortSignal;
  /** The most records of one call of the handler. */
  readonly maxBatch?: number;
  /**
   * Where to go on reading a partition, for a handler that keeps its own place together with its effects. Asked whenever the
   * member gets the partition; replaces what the group committed.
   */
  readonly start?: (partition: number) => Promise<number>;
  /** Told of what made a batch fail before it is tried again. */
  readonly onError?: (error: unknown) => void;
}

/**
 * A durable, ordered, replayable log. Delivery is at least once: a consumer that dies between its effects and the commit
 * sees the batch again, so effects must be idempotent; only the embedded log's `transform` appends exactly once. It leaves
 * out other transactions across topics, and queries other than by position.
 */
export interface EventLog {
  /** Resolves when the entries are durable (fsync, or all in-sync replicas). @throws UnavailableError, then none is acknowledged */
  append(topic: Topic, entries: readonly LogEntry[]): Promise<void>;
  /** Batches from a position (default: the beginning) up to another (default: the end as it is at the call). */
  read(topic: Topic, options?: { from?: LogPosition; to?: LogPosition; maxBatch?: number }): AsyncIterable<readonly LogRecord[]>;
  /**
   * Feeds the handler as a member of a group, from where the group committed, until the signal aborts; new records arrive
   * within tens of milliseconds. A handler that throws gets the same batch again after a pause. One member of a group has a
   * partition at a time, across processes.
   */
  consume(topic: Topic, group: string, handler: LogHandler, options: ConsumeOptions): Promise<void>;
  /**
   * Like `consume`; what the handler answers is appended and the batch committed. Atomically, both or neither, once, in the
   * embedded log; in a distributed one a crash in between appends it again.
   */
  transform(topic: Topic, group: string, handler: LogTransform, options: ConsumeOptions): Promise<void>;
  /** The position after the newest record. */
  end(topic: Topic): Promise<LogPosition>;
  /** Where a group would go on reading. */
  committed(topic: Topic, group: string): Promise<LogPosition>;
  /**
   * Rewrites the topic without what the predicate drops, keeping offsets of what stays, for erasure and retention. A
   * distributed log takes out what comes after the first record that stays only at its own next compaction.
   * @returns how many records went away, or were told to go
   */
  compact(topic: Topic, drop: (record: LogRecord) => boolean, options?: CompactOptions): Promise<number>;
  close(): Promise<void>;
}

/** Records between two positions: a group's lag is `distance(committed, end)`. */
export function distance(from: LogPosition, to: LogPosition): number {
  return Object.entries(to).reduce((sum, [partition, offset]) => sum + Math.max(0, offset - (from[partition] ?? 0)), 0);
}
