import type { LoopConfig } from '../config/schema.ts';
import type { Topic } from '../ports/eventLog.ts';

const DAY = 24 * 60 * 60_000;

/** Milliseconds after which a topic's records leave the log, counted from when the log took them; `undefined` for never. */
export function retentionOf(retentionDays: LoopConfig['retentionDays'], topic: Topic): number | undefined {
  if (topic === 'catalogue') return undefined;
  const days = typeof retentionDays === 'object' ? retentionDays[topic] : retentionDays;
  return days === undefined ? undefined : days * DAY;
}
