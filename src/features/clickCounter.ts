import type { Action, EnrichedEvent, Impression } from '../domain/event.ts';
import type { ItemId } from '../domain/item.ts';
import type { QueryMemory } from './queryMemory.ts';
import { actorKey } from './state/apply.ts';
import { positionBucket } from './state/exposure.ts';

/** Searches whose clicks are waited for. */
const MOST_OPEN = 50_000;
/** Requests named by an action before their list came, and items of each, that are waited for. */
const MOST_AWAITED = 5000;
const MOST_EARLY = 200;

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
 * item within the window. One that comes before the list of its request waits for it: lists and actions are logged by different
 * hands. The replay and the service feed it the same events, in the order of the log.
 * @returns how many actions turned out, by this event, to have come of a search
 * @param examination probability that a place is looked at, by position bucket; `window` in milliseconds
 */
export function createClickCounter(
  memory: QueryMemory,
  options: {
    readonly examination: readonly number[];
    readonly window: number;
    readonly weights: Readonly<Record<string, number>>;
  },
): (event: EnrichedEvent) => number {
  const byRequest = new Map<string, OpenSearch>();
  const byActor = new Map<string, OpenSearch>();
  const early = new Map<string, Set<ItemId>>();

  const take = (search: OpenSearch, item: ItemId): number => {
    if (!search.shown.has(item) || search.taken.has(item)) return 0;
    search.taken.add(item);
    memory.count(search.text, item, { looked: 0, taken: 1 });
    return 1;
  };
  const show = (event: Impression & { readonly query: string }): number => {
    const { query: text, occurredAt: at, items } = event;
    const search = { text, at, shown: new Set(items.map(({ id }) => id)), taken: new Set<ItemId>() };
    keep(byRequest, event.requestId, search, MOST_OPEN);
    const actor = actorKey(event);
    if (actor !== undefined) keep(byActor, actor, search, MOST_OPEN);
    for (const { id, position } of items)
      memory.count(text, id, { looked: options.examination[positionBucket(position)] ?? 1, taken: 0 });
    let taken = 0;
    for (const item of early.get(event.requestId) ?? []) taken += take(search, item);
    return taken;
  };
  const act = (event: Action): number => {
    const actor = actorKey(event);
    const latest = actor === undefined ? undefined : byActor.get(actor);
    const near = latest !== undefined && event.occurredAt - latest.at <= options.window ? latest : undefined;
    const named = event.requestId === undefined ? undefined : byRequest.get(event.requestId);
    const search = [named, near].find((open) => open?.shown.has(event.itemId));
    if (search !== undefined) return take(search, event.itemId);
    if (event.requestId === undefined || named !== undefined) return 0;
    const waiting = early.get(event.requestId) ?? new Set();
    if (waiting.size < MOST_EARLY) keep(early, event.requestId, waiting.add(event.itemId), MOST_AWAITED);
    return 0;
  };

  return (event) => {
    if (event.kind === 'action') return (options.weights[event.type] ?? 0) > 0 ? act(event) : 0;
    const taken = isSearch(event) && !byRequest.has(event.requestId) ? show(event) : 0;
    early.delete(event.requestId);
    return taken;
  };
}

/** Puts an entry last; of too many the first goes. */
function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  const [oldest] = map.size < most ? [] : map.keys();
  if (oldest !== undefined) map.delete(oldest);
  map.set(key, value);
}
