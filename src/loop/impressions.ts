import type { Impression } from '../domain/event.ts';
import type { EventLog, LogEntry } from '../ports/eventLog.ts';
import { eventKey } from './eventKey.ts';
import { eventJson } from './toJson.ts';

/** Appends the lists that were shown, one record a list; durable when it resolves. @throws UnavailableError */
export async function appendImpressions(log: EventLog, impressions: readonly Impression[]): Promise<void> {
  await log.append('enriched-events', impressions.map(impressionEntry));
}

/** Appends one list that was shown. @throws UnavailableError */
export const appendImpression = (log: EventLog, impression: Impression): Promise<void> => appendImpressions(log, [impression]);

const impressionEntry = (impression: Impression): LogEntry => ({
  key: eventKey(impression, impression.requestId),
  value: eventJson(impression),
});
