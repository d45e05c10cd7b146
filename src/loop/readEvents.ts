import type { EnrichedEvent } from '../domain/event.ts';
import { actorKey } from '../features/state/apply.ts';
import type { EventLog, LogPosition } from '../ports/eventLog.ts';
import { hash53 } from './eventIds.ts';
import { HashSet } from './hashSet.ts';
import { readIdentities } from './identities.ts';
import { enrichedEventSchema } from './schemas.ts';

/**
 * The events that training may see, in the log's order: each once, none that an erased user did before the erasure (also while
 * the log still holds it), and those of a session or user that was merged under the user they became.
 * @throws UnavailableError
 */
export async function* readEvents(
  log: EventLog,
  options: { readonly from?: LogPosition; readonly to?: LogPosition; readonly maxBatch?: number } = {},
): AsyncIterable<readonly EnrichedEvent[]> {
  const identities = await readIdentities(log);
  const ids = new HashSet();
  for await (const batch of log.read('enriched-events', { maxBatch: 5000, ...options })) {
    const events: EnrichedEvent[] = [];
    for (const record of batch) {
      const event = enrichedEventSchema.parse(record.value);
      const actor = actorKey(event);
      // An import that comes after the erasure brings nothing back either: what happened before it stays erased.
      if (actor !== undefined && identities.isErased(actor, Math.min(record.appendedAt, event.occurredAt))) continue;
      if (!ids.add(hash53(`${event.id} ${actor ?? ''}`))) continue;
      const user = actor === undefined ? undefined : identities.userOf(actor);
      events.push(user === undefined ? event : { ...event, userId: user });
    }
    if (events.length > 0) yield events;
  }
}
