import { type DivertedEvent, divertedEventSchema } from '../../src/loop/schemas.ts';
import type { EventLog, LogPosition } from '../../src/ports/eventLog.ts';

export type DivertedTopic = 'invalid-events' | 'dead-letter-events';

/** A diverted event and where it stands in its topic. */
export interface DivertedRecord extends DivertedEvent {
  readonly key: string;
  readonly partition: number;
  readonly offset: number;
}

/** Diverted events, oldest first. @throws UnavailableError */
export async function* readDiverted(
  log: EventLog,
  topic: DivertedTopic,
  from?: LogPosition,
): AsyncIterable<readonly DivertedRecord[]> {
  for await (const batch of log.read(topic, from === undefined ? {} : { from })) {
    yield batch.map(({ key, value, partition, offset }) => ({ ...divertedEventSchema.parse(value), key, partition, offset }));
  }
}

/** The latest diverted events, newest first, with their reasons. @throws UnavailableError */
export async function recentDiverted(log: EventLog, topic: DivertedTopic, limit: number): Promise<DivertedRecord[]> {
  const found: DivertedRecord[] = [];
  for await (const batch of readDiverted(log, topic, before(await log.end(topic), limit))) found.push(...batch);
  return found.sort((a, b) => b.divertedAt - a.divertedAt || b.offset - a.offset).slice(0, limit);
}

/** A position so many records before another, in each partition. */
export const before = (position: LogPosition, records: number): LogPosition =>
  Object.fromEntries(Object.entries(position).map(([partition, next]) => [partition, Math.max(0, next - records)]));
