import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer } from '@platformatic/kafka';
import type { ConsumeOptions, LogOutput, LogRecord, LogTransform } from '../../ports/eventLog.ts';
import type { Fetcher } from './fetcher.ts';

export interface MemberParts {
  readonly topic: string;
  /** A new client of the group; the member joins with it, and makes another when it fails. */
  connect(): Consumer;
  readonly fetcher: Fetcher;
  readonly handler: LogTransform;
  readonly options: ConsumeOptions;
  /** Where the group committed a partition; 0 for nowhere. */
  committed(partition: number): Promise<number>;
  /** The oldest record that is still there. */
  beginning(partition: number): Promise<number>;
  append(outputs: readonly LogOutput[]): Promise<void>;
}

const DEFAULT_BATCH = 1000;
const FETCH_WAIT = 50;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 3000;

/** A member's life: joins, works through the partitions it is given, joins anew when the connection fails. */
export async function memberLoop(parts: MemberParts): Promise<void> {
  const { signal, onError } = parts.options;
  let pause = FIRST_PAUSE;
  while (!signal.aborted) {
    const consumer = parts.connect();
    consumer.on('error', (error) => onError?.(error));
    try {
      consumer.topics.track(parts.topic);
      await consumer.joinGroup();
      await work(parts, consumer, () => {
        pause = FIRST_PAUSE;
      });
    } catch (error) {
      onError?.(error);
      await rest(pause, signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    } finally {
      await closed(consumer);
    }
  }
}

/** @throws what the handler, the fetch or the commit throws */
async function work(parts: MemberParts, consumer: Consumer, progress: () => void): Promise<void> {
  const { topic, options } = parts;
  const places = new Map<number, number>();
  let generation = consumer.generationId;
  while (!options.signal.aborted) {
    if (consumer.generationId !== generation) {
      // The group was divided anew: another member may have moved on meanwhile.
      places.clear();
      generation = consumer.generationId;
    }
    const mine = consumer.assignments?.find((assignment) => assignment.topic === topic)?.partitions ?? [];
    for (const partition of mine) {
      if (places.has(partition)) continue;
      const start = await (options.start ?? parts.committed)(partition);
      places.set(partition, Math.max(start, await parts.beginning(partition)));
    }
    if (mine.length === 0) {
      await rest(FETCH_WAIT, options.signal);
      continue;
    }
    const from = mine.map((partition) => ({ partition, offset: places.get(partition) ?? 0 }));
    for (const { partition, records, next } of await parts.fetcher.fetch(consumer, from, FETCH_WAIT)) {
      await handlePartition(parts, consumer, generation, partition, records, places);
      if (options.signal.aborted || consumer.generationId !== generation) break;
      // What is no record (tombstones, what compaction took out) is passed over, and is nobody's lag.
      if (next > (places.get(partition) ?? 0)) {
        await consumer.commit({ offsets: [{ topic, partition, offset: BigInt(next), leaderEpoch: -1 }] });
        places.set(partition, next);
      }
    }
    progress();
  }
}

async function handlePartition(
  parts: MemberParts,
  consumer: Consumer,
  generation: number,
  partition: number,
  records: readonly LogRecord[],
  places: Map<number, number>,
): Promise<void> {
  const { topic, options } = parts;
  const size = options.maxBatch ?? DEFAULT_BATCH;
  for (let start = 0; start < records.length; start += size) {
    if (options.signal.aborted || consumer.generationId !== generation) return;
    const batch = records.slice(start, start + size);
    await parts.append(await parts.handler(batch));
    const next = batch.at(-1)!.offset + 1;
    await consumer.commit({ offsets: [{ topic, partition, offset: BigInt(next), leaderEpoch: -1 }] });
    places.set(partition, next);
  }
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

/** Whatever goes wrong in leaving the group, its session runs out. */
const closed = (consumer: Consumer): Promise<void> => new Promise((resolve) => consumer.close(true, () => resolve()));
