import { EventEmitter } from 'node:events';
import type { Database } from 'lmdb';
import { type Clock, systemClock } from '../../domain/clock.ts';
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
import { TOPICS } from '../../ports/eventLog.ts';
import { consumeLoop } from '../consumeLoop.ts';
import { BLOCK_RECORDS, decodeBlock, encodeBlock } from './blocks.ts';
import {
  DEFAULT_MIN_FREE_BYTES,
  type Environment,
  type LmdbOptions,
  openEnvironment,
  SpaceGuard,
  settled,
} from './environment.ts';
import { type Head, type HeadChange, type Heads, HeadWriter, openHeads } from './head.ts';
import { LmdbLease } from './lease.ts';
import { ownerName } from './owner.ts';

export interface LmdbLogOptions extends LmdbOptions {
  readonly clock?: Clock;
  /** How long a member keeps a group without renewing, milliseconds. A member whose process is gone loses it at once. */
  readonly leaseMs?: number;
  /** How often what other processes appended is looked for, milliseconds. */
  readonly pollMs?: number;
}

/** Blocks that a compaction looks at before others get their turn. */
const COMPACT_BLOCKS = 8;

type BlockKey = [topic: number, first: number];

interface Databases {
  readonly heads: Heads;
  readonly blocks: Database<Buffer, BlockKey>;
}

/** Opens the embedded log. Every topic has one partition. Several processes may append, read and consume. @throws UserError */
export async function openLmdbEventLog(folder: string, options: LmdbLogOptions = {}): Promise<EventLog> {
  const environment = await openEnvironment(folder, (root) => ({
    heads: openHeads(root),
    blocks: root.openDB<Buffer, BlockKey>({ name: 'blocks', encoding: 'binary', compression: true }),
  }));
  return new LmdbEventLog(environment, folder, options);
}

class LmdbEventLog implements EventLog {
  readonly #environment: Environment<Databases>;
  readonly #blocks: Database<Buffer, BlockKey>;
  readonly #head: HeadWriter;
  readonly #space: SpaceGuard;
  readonly #clock: Clock;
  readonly #options: LmdbLogOptions;
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly #closing = new AbortController();
  readonly #consumers = new Set<Promise<void>>();

  constructor(environment: Environment<Databases>, folder: string, options: LmdbLogOptions) {
    this.#environment = environment;
    this.#blocks = environment.databases.blocks;
    this.#head = new HeadWriter(environment, folder, () => this.#news.emit('news'));
    this.#space = new SpaceGuard(folder, options.minFreeBytes ?? DEFAULT_MIN_FREE_BYTES);
    this.#clock = options.clock ?? systemClock;
    this.#options = options;
  }

  async append(topic: Topic, entries: readonly LogEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.#space.check();
    await this.#head.change(this.#appendChange([{ topic, entries }]));
  }

  async *read(
    topic: Topic,
    options: { from?: LogPosition; to?: LogPosition; maxBatch?: number } = {},
  ): AsyncIterable<readonly LogRecord[]> {
    const end = this.#head.read().ends[topic] ?? 0;
    const to = Math.min(options.to === undefined ? end : (options.to['0'] ?? end), end);
    const maxBatch = options.maxBatch ?? 1000;
    let place = options.from?.['0'] ?? 0;
    while (place < to) {
      const batch = this.#batch(topic, place, to, maxBatch);
      const last = batch.at(-1);
      if (last === undefined) return;
      yield batch;
      place = last.offset + 1;
      await new Promise((resolve) => setImmediate(resolve));
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
    const lease = new LmdbLease(this.#head, `${topic}/${group}`, ownerName(), this.#clock, this.#options.leaseMs ?? 10_000);
    const running = consumeLoop({
      lease,
      handler,
      options: { ...options, signal },
      end: () => this.#head.read().ends[topic] ?? 0,
      batch: (from, to, size) => this.#batch(topic, from, to, size),
      commit: (next, outputs) => this.#commit(lease, next, outputs),
      news: (ms) => this.#nextNews(Math.min(ms, this.#options.pollMs ?? 25), signal),
    });
    this.#consumers.add(running);
    await running.finally(() => this.#consumers.delete(running));
  }

  async end(topic: Topic): Promise<LogPosition> {
    return { '0': this.#head.read().ends[topic] ?? 0 };
  }

  async committed(topic: Topic, group: string): Promise<LogPosition> {
    return { '0': this.#head.read().groups[`${topic}/${group}`]?.next ?? 0 };
  }

  async compact(topic: Topic, drop: (record: LogRecord) => boolean, options: CompactOptions = {}): Promise<number> {
    const index = TOPICS.indexOf(topic);
    const end = this.#head.read().ends[topic] ?? 0;
    let dropped = 0;
    let start = 0;
    let stays = false;
    for (;;) {
      const some = [...this.#blocks.getRange({ start: [index, start], end: [index, end], limit: COMPACT_BLOCKS })];
      const last = some.at(-1);
      if (last === undefined) return dropped;
      const writes: (() => void)[] = [];
      for (const { key, value } of some) {
        const records = decodeBlock(value, key[1]);
        const kept = records.filter((record) => (options.beginningOnly && stays) || !drop(record));
        stays ||= kept.length > 0;
        if (kept.length === records.length) continue;
        dropped += records.length - kept.length;
        writes.push(this.#rewrite(key, kept));
      }
      if (writes.length > 0) {
        await this.#head.change((head) => ({
          head,
          write: () => {
            for (const write of writes) write();
          },
        }));
      }
      if (options.beginningOnly && stays) return dropped;
      start = last.key[1] + 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled([...this.#consumers]);
    await this.#head.idle();
    await this.#environment.close();
  }

  #rewrite(key: BlockKey, kept: readonly LogRecord[]): () => void {
    const first = kept[0];
    if (first === undefined) return () => settled(this.#blocks.remove(key));
    const places = kept.map((record) => record.offset - key[1]);
    const bytes = encodeBlock(kept, first.appendedAt, places);
    return () => settled(this.#blocks.put(key, bytes));
  }

  /** Records from an offset on, up to another, at most so many: whole blocks are read, only as many as needed. */
  #batch(topic: Topic, from: number, to: number, size: number): LogRecord[] {
    const index = TOPICS.indexOf(topic);
    const before = this.#blocks.getKeys({ start: [index, from], end: [index, -1], reverse: true, limit: 1 });
    const start = [...before][0]?.[1] ?? from;
    const records: LogRecord[] = [];
    for (const { key, value } of this.#blocks.getRange({ start: [index, start], end: [index, to] })) {
      for (const record of decodeBlock(value, key[1])) {
        if (record.offset < from || record.offset >= to) continue;
        records.push(record);
        if (records.length === size) return records;
      }
    }
    return records;
  }

  #appendChange(outputs: readonly LogOutput[]): HeadChange {
    const at = this.#clock();
    const encoded = outputs.map(({ topic, entries }) => {
      const blocks: { count: number; bytes: Buffer }[] = [];
      for (let i = 0; i < entries.length; i += BLOCK_RECORDS) {
        const part = entries.slice(i, i + BLOCK_RECORDS);
        blocks.push({ count: part.length, bytes: encodeBlock(part, at) });
      }
      return { topic, blocks };
    });
    return (head) => {
      const ends: Record<string, number> = { ...head.ends };
      const puts: [BlockKey, Buffer][] = [];
      for (const { topic, blocks } of encoded) {
        let next = ends[topic] ?? 0;
        for (const { count, bytes } of blocks) {
          puts.push([[TOPICS.indexOf(topic), next], bytes]);
          next += count;
        }
        ends[topic] = next;
      }
      return {
        head: { ...head, ends },
        write: () => {
          for (const [key, bytes] of puts) settled(this.#blocks.put(key, bytes));
        },
      };
    };
  }

  async #commit(lease: LmdbLease, next: number, outputs: readonly LogOutput[]): Promise<boolean> {
    const filled = outputs.filter((output) => output.entries.length > 0);
    if (filled.length > 0) await this.#space.check();
    const append = this.#appendChange(filled);
    return this.#head.change((head: Head) => {
      const moved = lease.move(head, next);
      return moved === undefined ? undefined : append(moved);
    });
  }

  /**
   * Until news, for `ms` milliseconds, or until the signal aborts. Asked many times a second, so without `AbortSignal.any`: a
   * signal that lives long remembers every call of that.
   */
  #nextNews(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        this.#news.off('news', done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#news.on('news', done);
      signal.addEventListener('abort', done);
    });
  }
}
