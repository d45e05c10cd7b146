import type { EnrichedEvent, Impression } from '../domain/event.ts';
import type { ItemId } from '../domain/item.ts';
import type { QueryMemory } from './queryMemory.ts';
import { actorKey } from './state/apply.ts';
import { positionBucket } from './state/exposure.ts';

/** Searches whose clicks are waited for. */
const MOST_OPEN = 50_000;

interface OpenSearch {
  readonly text: string;
  readonly at: number;
  readonly shown: ReadonlySet<ItemId>;
  readonly taken: Set<ItemId>;
}

/** A list that answered a text: route and query are those of a search. */
export const isSearch = (event: EnrichedEvent): event is Impression & { readonly query: string } =>
  event.kind === 'impression' && (event.route ?? 'search') === 'search' && event.query !== undefined && event.query.trim() !== '';

/**
 * Counts into the memory what became of searches: every item shown, for as much as its place is looked at, and at most once a
 * list that it was taken. An action belongs to the search of its request, or else to its actor's latest if that showed the
 * item within the window. The replay and the service feed it the same events, in the order of the log.
 * @returns whether the event was taken for one that came of a search
 * @param examination probability that a place is looked at, by position bucket; `window` in milliseconds
 */
export function createClickCounter(
  memory: QueryMemory,
  options: {
    readonly examination: readonly number[];
    readonly window: number;
    readonly weights: Readonly<Record<string, number>>;
  },
): (event: EnrichedEvent) => boolean {
  const byRequest = new Map<string, OpenSearch>();
  const byActor = new Map<string, OpenSearch>();
  return (event) => {
    const actor = actorKey(event);
    if (event.kind === 'impression') {
      if (!isSearch(event) || byRequest.has(event.requestId)) return false;
      const { query: text, occurredAt: at, items } = event;
      const search = { text, at, shown: new Set(items.map(({ id }) => id)), taken: new Set<ItemId>() };
      keep(byRequest, event.requestId, search);
      if (actor !== undefined) keep(byActor, actor, search);
      for (const { id, position } of items)
        memory.count(text, id, { looked: options.examination[positionBucket(position)] ?? 1, taken: 0 });
      return false;
    }
    if ((options.weights[event.type] ?? 0) <= 0) return false;
    const latest = actor === undefined ? undefined : byActor.get(actor);
    const near = latest !== undefined && event.occurredAt - latest.at <= options.window ? latest : undefined;
    const search = [event.requestId === undefined ? undefined : byRequest.get(event.requestId), near].find((open) =>
      open?.shown.has(event.itemId),
    );
    if (search === undefined || search.taken.has(event.itemId)) return false;
    search.taken.add(event.itemId);
    memory.count(search.text, event.itemId, { looked: 0, taken: 1 });
    return true;
  };
}

/** Puts an entry last; of too many the first goes. */
function keep(open: Map<string, OpenSearch>, key: string, search: OpenSearch): void {
  open.delete(key);
  const [oldest] = open.size < MOST_OPEN ? [] : open.keys();
  if (oldest !== undefined) open.delete(oldest);
  open.set(key, search);
}
