import type { Impression } from '../../src/domain/event.ts';
import type { Query, Slate } from '../../src/domain/pipeline.ts';
import type { Logger } from '../../src/logging/logger.ts';
import { appendImpressions } from '../../src/loop/impressions.ts';
import type { Metrics } from '../../src/metrics/metrics.ts';
import type { EventLog } from '../../src/ports/eventLog.ts';

const FLUSH_MS = 20;
const RETRY_MS = 500;
/** Lists whose record waits while the log is away; beyond, the oldest go, counted. */
const CAPACITY = 50_000;

/** One record a list. Written behind the answer, many at once, because one fsync a list would cost more than the list. */
export interface ImpressionWriter {
  add(query: Query, slate: Slate): void;
  /** Writes what waits; called before the service ends. */
  close(): Promise<void>;
}

export function createImpressionWriter(dependencies: { log: EventLog; logger: Logger; metrics: Metrics }): ImpressionWriter {
  const { log, logger, metrics } = dependencies;
  let waiting: Impression[] = [];
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  const schedule = (milliseconds: number) => {
    timer ??= setTimeout(() => {
      timer = undefined;
      flushing ??= flush().finally(() => {
        flushing = undefined;
        if (waiting.length > 0) schedule(FLUSH_MS);
      });
    }, milliseconds);
  };
  const flush = async () => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      await appendImpressions(log, batch);
      metrics.impressions.inc({ outcome: 'written' }, batch.length);
    } catch (error) {
      logger.warn('impressions cannot be written yet', { waiting: batch.length, error });
      waiting = [...batch, ...waiting];
      const excess = waiting.length - CAPACITY;
      if (excess > 0) {
        waiting = waiting.slice(excess);
        metrics.impressions.inc({ outcome: 'lost' }, excess);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  };
  return {
    add(query, slate) {
      waiting.push(impressionOf(query, slate));
      schedule(FLUSH_MS);
    },
    async close() {
      clearTimeout(timer);
      timer = undefined;
      await flushing;
      await flush();
      if (waiting.length > 0) logger.error('impressions are lost: the log is away', { lost: waiting.length });
    },
  };
}

function impressionOf(query: Query, slate: Slate): Impression {
  return {
    kind: 'impression',
    id: slate.requestId,
    occurredAt: query.now,
    requestId: slate.requestId,
    items: slate.items.map(({ id, score }, i) => ({ id, position: i + 1, score })),
    route: query.route,
    ...(query.userId === undefined ? {} : { userId: query.userId }),
    ...(query.sessionId === undefined ? {} : { sessionId: query.sessionId }),
    ...(query.text === undefined ? {} : { query: query.text }),
    ...(query.anchor === undefined ? {} : { anchor: query.anchor }),
    ...(query.scenario === undefined ? {} : { scenario: query.scenario }),
    ...(Object.keys(query.context).length === 0 ? {} : { context: query.context }),
    served: slate.served,
  };
}
