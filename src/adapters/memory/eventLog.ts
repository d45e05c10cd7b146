import { EventEmitter, once } from 'node:events';
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
import { consumeLoop, type Lease } from '../consumeLoop.ts';

interface Records {
  readonly list: LogRecord[];
  next: number;
}

interface Group {
  next: number;
  owner?: symbol;
}

/** A log that lives as long as its process, for replays and tests. One partition a topic. */
export class MemoryEventLog implements EventLog {
  readonly #clock: Clock;
  readonly #topics = new Map<Topic, Records>();
  readonly #groups = new Map<string, Group>();
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly #closing = new AbortController();
  readonly #consumers = new Set<Promise<void>>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async append(topic: Topic, entries: readonly LogEntry[]): Promise<void> {
    this.#append(topic, entries);
  }

  async *read(
    topic: Topic,
    options: { from?: LogPosition; to?: LogPosition; maxBatch?: number } = {},
  ): AsyncIterable<readonly LogRecord[]> {
    const end = this.#topic(topic).next;
    const to = Math.min(options.to?.['0'] ?? end, end);
    let place = options.from?.['0'] ?? 0;
    while (place < to) {
      const batch = this.#batch(topic, place, to, options.maxBatch ?? 1000);
      const last = batch.at(-1);
      if (last === undefined) return;
      yield batch;
      place = last.offset + 1;
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
    const state = this.#group(`${topic}/${group}`);
    const me = Symbol(group);
    const running = consumeLoop({
      lease: leaseOf(state, me),
      handler,
      options: { ...options, signal },
      end: () => this.#topic(topic).next,
      batch: (from, to, size) => this.#batch(topic, from, to, size),
      commit: async (next, outputs) => {
        if (state.owner !== me) return false;
        for (const output of outputs) this.#append(output.topic, output.entries);
        state.next = next;
        return true;
      },
      news: async () => {
        await once(this.#news, 'news', { signal }).catch(() => {});
      },
    });
    this.#consumers.add(running);
    await running.finally(() => this.#consumers.delete(running));
  }

  async end(topic: Topic): Promise<LogPosition> {
    return { '0': this.#topic(topic).next };
  }

  async committed(topic: Topic, group: string): Promise<LogPosition> {
    return { '0': this.#group(`${topic}/${group}`).next };
  }

  async compact(topic: Topic, drop: (record: LogRecord) => boolean, { beginningOnly }: CompactOptions = {}): Promise<number> {
    const { list } = this.#topic(topic);
    let stays = false;
    const kept = list.filter((record) => {
      stays ||= !drop(record);
      return beginningOnly ? stays : !drop(record);
    });
    return list.splice(0, list.length, ...kept).length - kept.length;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled([...this.#consumers]);
  }

  #topic(topic: Topic): Records {
    const records = this.#topics.get(topic) ?? { list: [], next: 0 };
    this.#topics.set(topic, records);
    return records;
  }

  #group(name: string): Group {
    const group = this.#groups.get(name) ?? { next: 0 };
    this.#groups.set(name, group);
    return group;
  }

  #append(topic: Topic, entries: readonly LogEntry[]): void {
    if (entries.length === 0) return;
    const records = this.#topic(topic);
    const appendedAt = this.#clock();
    for (const { key, value } of entries) {
      records.list.push({ key, value, partition: 0, offset: records.next, appendedAt });
      records.next++;
    }
    this.#news.emit('news');
  }

  #batch(topic: Topic, from: number, to: number, size: number): LogRecord[] {
    const { list } = this.#topic(topic);
    const start = firstAtOrAfter(list, from);
    let end = start;
    while (end < list.length && end - start < size && list[end]!.offset < to) end++;
    return list.slice(start, end);
  }
}

function leaseOf(group: Group, me: symbol): Lease {
  return {
    renewEvery: 1000,
    acquire: async () => {
      if (group.owner !== undefined && group.owner !== me) return undefined;
      group.owner = me;
      return group.next;
    },
    renew: async () => group.owner === me,
    release: async () => {
      if (group.owner === me) delete group.owner;
    },
  };
}

function firstAtOrAfter(list: readonly LogRecord[], offset: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]!.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
