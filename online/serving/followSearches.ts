import type { LoadedArtifact, SearchRanking } from '../../src/artifacts/loaded.ts';
import type { EnrichedEvent } from '../../src/domain/event.ts';
import type { Logger } from '../../src/logging/logger.ts';
import { enrichedEventSchema } from '../../src/loop/schemas.ts';
import { distance, type EventLog, type LogPosition } from '../../src/ports/eventLog.ts';
import type { SearchAnalytics } from '../search/analytics.ts';
import { pause } from './pause.ts';

/** How far back a fresh process counts for its analytics, in records of a partition. */
const LOOK_BACK = 20_000;
const POLL_MS = 1000;

/**
 * Feeds the log's searches and clicks, until the signal aborts, to the counts for analytics and to what the ranker of searches
 * remembers of queries: from where its training ended, so that it goes on as if it had never stopped. A new artifact brings a
 * memory and a place of its own.
 */
export async function followSearches(
  dependencies: {
    readonly log: EventLog;
    readonly analytics: SearchAnalytics;
    readonly artifact: () => Pick<LoadedArtifact, 'searches'>;
    readonly logger: Logger;
  },
  signal: AbortSignal,
): Promise<void> {
  const { log, analytics, artifact, logger } = dependencies;
  const reached = new WeakMap<object, LogPosition>();
  const clicks = (): SearchRanking['clicks'] => artifact().searches?.clicks;
  while (!signal.aborted) {
    try {
      const end = await log.end('enriched-events');
      const lookBack = (): LogPosition =>
        Object.fromEntries(Object.entries(end).map(([partition, next]) => [partition, Math.max(0, next - LOOK_BACK)]));
      const ranking = clicks();
      const takers: Taker[] = [{ whose: analytics, take: analytics.take, from: lookBack }];
      if (ranking !== undefined) takers.push({ whose: ranking, take: ranking.take, from: () => ranking.from });
      for (const { whose, take, from } of takers) {
        const position = reached.get(whose) ?? from();
        reached.set(whose, await advance(log, position, end, take, signal));
      }
    } catch (error) {
      logger.warn('searches and clicks cannot be read off the log', { error });
    }
    await pause(POLL_MS, signal);
  }
}

interface Taker {
  /** By which its place in the log is remembered. */
  readonly whose: object;
  readonly take: (event: EnrichedEvent) => void;
  readonly from: () => LogPosition;
}

/** Gives every event between two positions to `take`. @returns how far it came: where the signal aborts, not to the end */
async function advance(
  log: EventLog,
  from: LogPosition,
  to: LogPosition,
  take: (event: EnrichedEvent) => void,
  signal: AbortSignal,
): Promise<LogPosition> {
  if (distance(from, to) === 0) return to;
  for await (const batch of log.read('enriched-events', { from, to, maxBatch: 500 })) {
    for (const { value } of batch) {
      const event = enrichedEventSchema.safeParse(value);
      if (event.success) take(event.data);
    }
    if (signal.aborted) return from;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return to;
}
