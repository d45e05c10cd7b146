import { FEATURE_TIME } from '../../src/loop/batch.ts';
import { consumerName, UPDATER } from '../../src/loop/updater.ts';
import { distance, type EventLog, type LogPosition, TOPICS, type Topic } from '../../src/ports/eventLog.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';
import { before, type DivertedTopic, readDiverted } from './diverted.ts';
import { ENRICHER } from './enricher.ts';

/** Reasons are counted over so many of the newest diverted events of each partition. */
const COUNTED = 10_000;

export interface ReasonCount {
  readonly reason: string;
  readonly count: number;
}

export interface PipelineStatus {
  /** Records ever appended, by topic. */
  readonly topics: readonly { readonly topic: Topic; readonly records: number }[];
  /** How many records each consumer still has before it. */
  readonly groups: readonly { readonly group: string; readonly topic: Topic; readonly lag: number }[];
  readonly invalid: readonly ReasonCount[];
  readonly deadLetters: readonly ReasonCount[];
  /** The newest action's time that the store knows, milliseconds. */
  readonly featureTime: number | null;
}

/** What the pipeline holds and how far it is. @throws UnavailableError */
export async function pipelineStatus(parts: { readonly log: EventLog; readonly store: FeatureStore }): Promise<PipelineStatus> {
  const { log, store } = parts;
  const ends = await Promise.all(TOPICS.map(async (topic) => [topic, await log.end(topic)] as const));
  const endOf = new Map<Topic, LogPosition>(ends);
  const applied = async (topic: Topic): Promise<LogPosition> =>
    Object.fromEntries(
      await Promise.all(
        Object.keys(endOf.get(topic) ?? {}).map(
          async (partition) => [partition, await store.watermark(consumerName(topic), Number(partition))] as const,
        ),
      ),
    );
  const lag = async (position: LogPosition, topic: Topic): Promise<number> => {
    const end = endOf.get(topic) ?? {};
    const records = distance(position, end);
    if (records === 0) return 0;
    // What compaction emptied up to the end is no lag.
    for await (const batch of log.read(topic, { from: position, to: end, maxBatch: 1 })) if (batch.length > 0) return records;
    return 0;
  };
  const featureTime = await store.getMeta(FEATURE_TIME);
  return {
    topics: ends.map(([topic, end]) => ({ topic, records: distance({}, end) })),
    groups: [
      { group: ENRICHER, topic: 'raw-events', lag: await lag(await log.committed('raw-events', ENRICHER), 'raw-events') },
      { group: UPDATER, topic: 'enriched-events', lag: await lag(await applied('enriched-events'), 'enriched-events') },
      { group: UPDATER, topic: 'catalogue', lag: await lag(await applied('catalogue'), 'catalogue') },
    ],
    invalid: await countReasons(log, 'invalid-events', endOf.get('invalid-events') ?? {}),
    deadLetters: await countReasons(log, 'dead-letter-events', endOf.get('dead-letter-events') ?? {}),
    featureTime: typeof featureTime === 'number' ? featureTime : null,
  };
}

async function countReasons(log: EventLog, topic: DivertedTopic, end: LogPosition): Promise<ReasonCount[]> {
  const counts = new Map<string, number>();
  for await (const batch of readDiverted(log, topic, before(end, COUNTED))) {
    for (const { reason } of batch) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}
