import type { EnrichedEvent } from '../../src/domain/event.ts';
import { enrichedEventSchema } from '../../src/loop/schemas.ts';
import type { EventLog, LogPosition } from '../../src/ports/eventLog.ts';
import { IdSet } from '../../src/retrieval/idSet.ts';
import { readOwners } from './userChanges.ts';

/**
 * The log's actions and impressions up to a position, in log order: each event id once, those of erased users left out, those
 * of merged actors given to whom they were merged into. An impression of nobody stays: it was shown all the same.
 */
export async function* readEvents(log: EventLog, to: LogPosition): AsyncGenerator<EnrichedEvent> {
  const owners = await readOwners(log);
  const known = new IdSet();
  for await (const batch of log.read('enriched-events', { to })) {
    for (const record of batch) {
      const event = enrichedEventSchema.parse(record.value);
      if (!known.add(event.id)) continue;
      const { userId, sessionId, ...rest } = event;
      if (userId === undefined && sessionId === undefined) {
        yield event;
        continue;
      }
      const owner = owners.of(event, record.appendedAt);
      if (owner === undefined) continue;
      yield owner === `user:${userId}` || owner === `session:${sessionId}`
        ? event
        : { ...rest, userId: owner.slice('user:'.length) };
    }
  }
}
