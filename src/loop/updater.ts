import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';
import { UserError } from '../domain/errors.ts';
import type { StateFeature } from '../features/feature.ts';
import { distance, type EventLog, type LogPosition, type LogRecord, type Topic } from '../ports/eventLog.ts';
import type { FeatureStore } from '../ports/featureStore.ts';
import { Batch, type EffectsConfig } from './batch.ts';
import { Mutex } from './mutex.ts';

export const UPDATER = 'updater';
const UPDATER_TOPICS = ['catalogue', 'enriched-events'] as const satisfies readonly Topic[];
/** Records of one commit: an actor's state is written once for all of its events in a batch. */
const BATCH_RECORDS = 10_000;

export interface UpdaterParts {
  readonly log: EventLog;
  readonly store: FeatureStore;
  readonly features: readonly StateFeature[];
  readonly config: EffectsConfig;
  readonly clock: Clock;
  readonly onError?: (error: unknown) => void;
}

export interface Updater {
  /** Applies what the log brings until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when all that the log holds now is in the store, applied here or by another process. */
  catchUp(signal?: AbortSignal): Promise<void>;
}

/**
 * The only writer of entity states: consumes `catalogue` and `enriched-events` and stores each batch's effects together with
 * the place in the log they brought the store to. A batch that comes again, after a crash or from a slow member that lost its
 * group, changes nothing; an event that was appended twice counts once within the deduplication horizon.
 */
export function createUpdater(parts: UpdaterParts): Updater {
  const { log, store } = parts;
  // Both topics change the same entities: here one batch at a time, and of several processes the slower one starts again.
  const mutex = new Mutex();

  const apply = async (topic: Topic, records: readonly LogRecord[]): Promise<void> => {
    for (const [partition, list] of byPartition(records)) {
      await mutex.run(async () => {
        const consumer = consumerName(topic);
        const expected = await store.sequence();
        const watermark = await store.watermark(consumer, partition);
        const fresh = list.filter((record) => record.offset >= watermark);
        const last = fresh.at(-1);
        if (last === undefined) return;
        const batch = await Batch.load(parts, fresh);
        for (const record of fresh) {
          if (topic === 'catalogue') batch.applyChange(record);
          else batch.applyEvent(record);
        }
        const applied = await store.commit({
          consumer,
          partition,
          nextOffset: last.offset + 1,
          expected,
          ...batch.effects(),
        });
        if (!applied)
          throw new Error(`another process changed the store meanwhile: ${topic} from ${watermark} on is worked out again`);
      });
    }
  };

  const consume = (topic: Topic, signal: AbortSignal): Promise<void> =>
    log.consume(topic, UPDATER, (records) => apply(topic, records), {
      signal,
      maxBatch: BATCH_RECORDS,
      start: (partition) => store.watermark(consumerName(topic), partition),
      ...(parts.onError !== undefined && { onError: parts.onError }),
    });

  const applied = async (topic: Topic, end: LogPosition): Promise<LogPosition> =>
    Object.fromEntries(
      await Promise.all(
        Object.keys(end).map(
          async (partition) => [partition, await store.watermark(consumerName(topic), Number(partition))] as const,
        ),
      ),
    );

  const checkSameLog = async (): Promise<void> => {
    for (const topic of UPDATER_TOPICS) {
      const end = await log.end(topic);
      const ahead = distance(end, await applied(topic, end));
      if (ahead > 0) {
        throw new UserError(
          `the feature store has applied ${ahead} records of ${topic} that the event log does not have: ` +
            'the two do not belong together; restore the log, or empty the store so that it is filled anew',
        );
      }
    }
  };

  /** Whether there is anything to apply before `end`: what compaction emptied will never be. */
  const isThere = async (topic: Topic, end: LogPosition): Promise<boolean> => {
    const from = await applied(topic, end);
    if (distance(from, end) === 0) return false;
    for await (const batch of log.read(topic, { from, to: end, maxBatch: 1 })) if (batch.length > 0) return true;
    return false;
  };

  return {
    async run(signal) {
      await checkSameLog();
      await Promise.all(UPDATER_TOPICS.map((topic) => consume(topic, signal)));
    },

    async catchUp(signal) {
      await checkSameLog();
      // Items and users first, so that a fresh store knows them before what was done with them.
      for (const topic of UPDATER_TOPICS) {
        const end = await log.end(topic);
        const behind = async (): Promise<boolean> => distance(await applied(topic, end), end) > 0;
        if (!(await isThere(topic, end))) continue;
        const stop = new AbortController();
        const either = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
        const running = consume(topic, either);
        for (let polls = 1; (await behind()) && !either.aborted; polls++) {
          await sleep(5);
          if (polls % 50 === 0 && !(await isThere(topic, end))) break;
        }
        stop.abort();
        await running;
        signal?.throwIfAborted();
      }
    },
  };
}

export const consumerName = (topic: Topic): string => `${UPDATER}/${topic}`;

function byPartition(records: readonly LogRecord[]): Map<number, LogRecord[]> {
  const found = new Map<number, LogRecord[]>();
  for (const record of records) {
    const list = found.get(record.partition);
    if (list === undefined) found.set(record.partition, [record]);
    else list.push(record);
  }
  return found;
}
