import type { CatalogueChange, EnrichedEvent, RawEvent } from '../domain/event.ts';
import type { JsonValue } from '../domain/json.ts';

/** An event as a log's value. */
export function eventJson(event: EnrichedEvent): JsonValue {
  if (event.kind === 'action') return { ...event };
  const { items, served, ...rest } = event;
  const list = items.map((item) => ({ ...item }));
  return served === undefined ? { ...rest, items: list } : { ...rest, items: list, served: { ...served } };
}

export const rawEventJson = (event: RawEvent): JsonValue => ({ ...event });

/** A change as a log's value. */
export function changeJson(change: CatalogueChange): JsonValue {
  if (change.kind === 'item.put') return { ...change, item: { ...change.item } };
  if (change.kind === 'user.put') return { ...change, user: { ...change.user } };
  if (change.kind === 'user.merge') return { ...change, from: { ...change.from } };
  return { ...change };
}
