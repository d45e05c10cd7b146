import type { Clock } from '../../src/domain/clock.ts';
import { type FieldIssue, UnavailableError, UserError } from '../../src/domain/errors.ts';
import type { RawEvent } from '../../src/domain/event.ts';
import { isRecord } from '../../src/domain/json.ts';
import { eventKey } from '../../src/loop/eventKey.ts';
import { rawEventJson } from '../../src/loop/toJson.ts';
import type { EventLog, LogEntry } from '../../src/ports/eventLog.ts';
import { checkEvent } from './checkEvent.ts';

export const MAX_BATCH = 1000;
/** Events that may wait for the log before more are refused. */
const DEFAULT_MAX_PENDING = 20_000;

export interface CollectorParts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly maxPending?: number;
}

/** What became of one event of a batch, in its order. */
export interface Verdict {
  /** The event's id; `null` where it has none that can be named. */
  readonly id: string | null;
  readonly accepted: boolean;
  readonly issues?: readonly FieldIssue[];
}

export interface Collector {
  /**
   * Checks a batch's events one by one and appends those that pass to `raw-events`. Resolves when they are durable.
   * @throws UserError when it is no list of 1 to 1,000 events; UnavailableError (503, 507) when none was stored
   */
  accept(events: unknown): Promise<{ readonly verdicts: readonly Verdict[] }>;
}

export function createCollector({ log, maxPending = DEFAULT_MAX_PENDING }: CollectorParts): Collector {
  let pending = 0;
  return {
    async accept(events) {
      const list = checkBatch(events);
      const verdicts: Verdict[] = [];
      const entries: LogEntry[] = [];
      list.forEach((event, i) => {
        const checked = checkEvent(event, `events[${i}]`);
        if (checked.event === undefined) verdicts.push({ id: checked.id, accepted: false, issues: checked.issues });
        else {
          verdicts.push({ id: checked.event.id, accepted: true });
          entries.push({ key: keyOf(checked.event), value: rawEventJson(checked.event) });
        }
      });
      if (entries.length === 0) return { verdicts };
      if (pending + entries.length > maxPending) {
        throw new UnavailableError(`${pending} events are waiting for the event log: none of this batch was accepted`, {
          retryAfter: 1,
        });
      }
      pending += entries.length;
      try {
        await log.append('raw-events', entries);
      } finally {
        pending -= entries.length;
      }
      return { verdicts };
    },
  };
}

function checkBatch(events: unknown): readonly unknown[] {
  if (!Array.isArray(events)) throw issue('expected a list of events');
  if (events.length === 0) throw issue('expected at least one event');
  if (events.length > MAX_BATCH) throw issue(`expected at most ${MAX_BATCH} events, got ${events.length}`);
  return events;
}

const issue = (message: string): UserError => new UserError(`events: ${message}`, { issues: [{ path: 'events', message }] });

/** The payload is not validated yet, so its ids are taken where they are strings. */
function keyOf({ id, payload }: RawEvent): string {
  const text = (name: string): string | undefined => {
    const value = isRecord(payload) ? payload[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const userId = text('userId');
  const sessionId = text('sessionId');
  return eventKey({ ...(userId !== undefined && { userId }), ...(sessionId !== undefined && { sessionId }) }, id);
}
