import type { Action, EnrichedEvent, Impression } from '../../src/domain/event.ts';
import { actorKey } from '../../src/features/index.ts';

/** Events oldest first; of equal times, lists before what was done with them, else as they came. */
export function inTimeOrder(events: readonly EnrichedEvent[]): EnrichedEvent[] {
  const first = (event: EnrichedEvent): number => (event.kind === 'impression' ? 0 : 1);
  return events.slice().sort((a, b) => a.occurredAt - b.occurredAt || first(a) - first(b));
}

export interface Joined {
  /** Every list that was shown, with the gain of each of its items: the greatest weight of the actions that came of it. */
  readonly labelled: ReadonlyMap<Impression, Float32Array>;
  /** Actions that came of a shown list, and which one. */
  readonly attributed: ReadonlyMap<Action, Impression>;
}

/**
 * Joins every action to a list: the one of its request if that showed the item, or else the actor's latest that showed it
 * within the attribution window. Actions of types without positive weight count for nothing.
 * @param ordered as `inTimeOrder` gives them; `window` in milliseconds
 */
export function joinActions(
  ordered: readonly EnrichedEvent[],
  options: { window: number; weights: Readonly<Record<string, number>> },
): Joined {
  const labelled = new Map<Impression, Float32Array>();
  const attributed = new Map<Action, Impression>();
  const byRequest = new Map<string, Impression>();
  const latest = new Map<string, Impression>();
  for (const event of ordered) {
    if (event.kind !== 'impression') continue;
    labelled.set(event, new Float32Array(event.items.length));
    byRequest.set(event.requestId, event);
  }
  for (const event of ordered) {
    const actor = actorKey(event) ?? '';
    if (event.kind === 'impression') {
      for (const { id } of event.items) latest.set(`${actor}\u0000${id}`, event);
      continue;
    }
    const weight = options.weights[event.type] ?? 0;
    if (weight <= 0) continue;
    const named = event.requestId === undefined ? undefined : byRequest.get(event.requestId);
    const recent = latest.get(`${actor}\u0000${event.itemId}`);
    const near = recent !== undefined && event.occurredAt - recent.occurredAt <= options.window ? recent : undefined;
    for (const list of [named, near]) {
      const place = list?.items.findIndex((item) => item.id === event.itemId) ?? -1;
      if (list === undefined || place < 0) continue;
      const gains = labelled.get(list)!;
      gains[place] = Math.max(gains[place]!, weight);
      attributed.set(event, list);
      break;
    }
  }
  return { labelled, attributed };
}
