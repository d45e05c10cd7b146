import type { Logger } from '../../src/logging/logger.ts';
import { enrichedEventSchema } from '../../src/loop/schemas.ts';
import { distance, type EventLog, type LogPosition } from '../../src/ports/eventLog.ts';
import type { SearchAnalytics } from '../search/analytics.ts';
import { pause } from './pause.ts';

/** How far back a fresh process counts, in records of a partition. */
const LOOK_BACK = 20_000;
const POLL_MS = 1000;

/** Feeds the counts of searches and clicks from the log until the signal aborts. */
export async function followSearches(
  { log, analytics, logger }: { log: EventLog; analytics: SearchAnalytics; logger: Logger },
  signal: AbortSignal,
): Promise<void> {
  let position: LogPosition | undefined;
  while (!signal.aborted) {
    try {
      const end = await log.end('enriched-events');
      position ??= Object.fromEntries(Object.entries(end).map(([partition, next]) => [partition, Math.max(0, next - LOOK_BACK)]));
      if (distance(position, end) > 0) {
        for await (const batch of log.read('enriched-events', { from: position, to: end, maxBatch: 500 })) {
          for (const { value } of batch) {
            const event = enrichedEventSchema.safeParse(value);
            if (event.success) analytics.take(event.data);
          }
          if (signal.aborted) return;
          await new Promise((resolve) => setImmediate(resolve));
        }
        position = end;
      }
    } catch (error) {
      logger.warn('search analytics cannot read the log', { error });
    }
    await pause(POLL_MS, signal);
  }
}
