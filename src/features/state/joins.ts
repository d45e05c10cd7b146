import type { EnrichedEvent } from '../../domain/event.ts';
import type { EntityState } from '../../domain/state.ts';
import { historyFeature } from './history.ts';
import { shownFeature } from './shown.ts';

/** An item that was shown has now been acted upon (1), or another showing has turned out to be the one that was (-1). */
export interface Join {
  /** When it was shown, milliseconds, and where, counted from 1. */
  readonly at: number;
  readonly position: number;
  readonly change: 1 | -1;
}

interface Showing {
  readonly at: number;
  readonly position: number;
}

const history = historyFeature(1);

/**
 * What an event changes about which showings of its items were acted upon by its actor. An action belongs to the actor's
 * latest showing of the item within the window before it; a showing counts once, however often it is acted upon. The outcome is
 * the same in whatever order lists and actions arrive. Actions of types without positive weight belong to nothing.
 * @param window milliseconds
 */
export function joinsOf(
  actor: EntityState | undefined,
  event: EnrichedEvent,
  window: number,
  weights: Readonly<Record<string, number>>,
): ReadonlyMap<string, readonly Join[]> {
  const joins = new Map<string, readonly Join[]>();
  const { items, at, types } = history.read(actor?.features['history']);
  const counts = (type: string): boolean => (weights[type] ?? 1) > 0;
  const actionsOn = (itemId: string): number[] => at.filter((_, i) => items[i] === itemId && counts(types[i]!));
  if (event.kind === 'action') {
    const showings = counts(event.type) ? showingsOf(actor, event.itemId) : [];
    if (showings.length === 0) return joins;
    const actions = actionsOn(event.itemId);
    joins.set(event.itemId, changes(showings, actions, showings, [...actions, event.occurredAt], window));
    return joins;
  }
  // Only what was acted upon after a list that comes late can belong to it.
  if (at.length === 0 || at.at(-1)! < event.occurredAt) return joins;
  for (const { id, position } of event.items) {
    const actions = actionsOn(id);
    if (actions.length === 0) continue;
    const before = showingsOf(actor, id);
    joins.set(id, changes(before, actions, [...before, { at: event.occurredAt, position }], actions, window));
  }
  return joins;
}

function showingsOf(actor: EntityState | undefined, itemId: string): Showing[] {
  const { items, at, positions } = shownFeature.read(actor?.features['shown']);
  const found: Showing[] = [];
  for (let i = 0; i < items.length; i++) if (items[i] === itemId) found.push({ at: at[i]!, position: positions[i]! });
  return found;
}

function changes(
  showingsBefore: readonly Showing[],
  actionsBefore: readonly number[],
  showings: readonly Showing[],
  actions: readonly number[],
  window: number,
): Join[] {
  const before = acted(showingsBefore, actionsBefore, window);
  const after = acted(showings, actions, window);
  return [
    ...[...after].filter((showing) => !before.has(showing)).map((showing): Join => ({ ...showing, change: 1 })),
    ...[...before].filter((showing) => !after.has(showing)).map((showing): Join => ({ ...showing, change: -1 })),
  ];
}

function acted(showings: readonly Showing[], actions: readonly number[], window: number): Set<Showing> {
  const found = new Set<Showing>();
  for (const action of actions) {
    let latest: Showing | undefined;
    for (const showing of showings) {
      if (showing.at <= action && action - showing.at <= window && showing.at >= (latest?.at ?? 0)) latest = showing;
    }
    if (latest !== undefined) found.add(latest);
  }
  return found;
}
