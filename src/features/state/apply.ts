import type { EnrichedEvent } from '../../domain/event.ts';
import type { JsonValue } from '../../domain/json.ts';
import { type EntityKey, type EntityState, entityKey } from '../../domain/state.ts';
import type { StateFeature } from '../feature.ts';

/** The entity whose history an event belongs to: the user, or the session where no user is known. */
export function actorKey(actor: { readonly userId?: string; readonly sessionId?: string }): EntityKey | undefined {
  if (actor.userId !== undefined) return entityKey('user', actor.userId);
  return actor.sessionId === undefined ? undefined : entityKey('session', actor.sessionId);
}

/** Every entity whose state an event changes. */
export function affectedKeys(event: EnrichedEvent): EntityKey[] {
  const actor = actorKey(event);
  const items = event.kind === 'action' ? [event.itemId] : event.items.map((item) => item.id);
  const keys = items.map((id) => entityKey('item', id));
  return actor === undefined ? keys : [actor, ...keys];
}

/** The states of `affectedKeys` at hand; an entity nobody has touched is absent. */
export type StateTable = Map<EntityKey, EntityState>;

/**
 * One event's effect on every state it touches. The updater and the replay both go through here, so that training sees what
 * serving saw. Replaces entries of `states`, never changes one in place.
 */
export function applyEvent(
  features: readonly StateFeature[],
  states: StateTable,
  event: EnrichedEvent,
  weights: Readonly<Record<string, number>>,
): void {
  const actor = actorKey(event);
  const shown = event.kind === 'action' ? [{ id: event.itemId, position: event.position }] : event.items;
  const first = shown[0];
  if (first === undefined) return;
  const actorBefore = actor === undefined ? undefined : states.get(actor);
  if (actor !== undefined) {
    states.set(actor, updated(features, 'actor', actorBefore, event, { weights, itemId: first.id }));
  }
  const joins = features.flatMap((feature) => feature.joins?.(actorBefore, event, weights) ?? []);
  for (const { id, position } of shown) {
    const key = entityKey('item', id);
    const place = position === undefined ? {} : { position };
    const context = { weights, itemId: id, ...place, joins: joins.flatMap((byItem) => byItem.get(id) ?? []) };
    states.set(key, updated(features, 'item', states.get(key), event, context));
  }
}

function updated(
  features: readonly StateFeature[],
  entity: StateFeature['entity'],
  before: EntityState | undefined,
  event: EnrichedEvent,
  context: Parameters<StateFeature['update']>[2],
): EntityState {
  const values: Record<string, JsonValue> = { ...before?.features };
  for (const feature of features) {
    if (feature.entity !== entity) continue;
    const next = feature.update(feature.read(values[feature.name]), event, context);
    if (next !== feature.initial) values[feature.name] = next;
  }
  return before?.fields === undefined ? { features: values } : { fields: before.fields, features: values };
}

/** Both entities' states as one; attributes of `into` win over those of `from`. */
export function mergeStates(features: readonly StateFeature[], from: EntityState, into: EntityState): EntityState {
  const values: Record<string, JsonValue> = { ...from.features, ...into.features };
  for (const feature of features) {
    const a = from.features[feature.name];
    const b = into.features[feature.name];
    if (a !== undefined && b !== undefined) values[feature.name] = feature.merge(feature.read(a), feature.read(b));
  }
  const fields = from.fields === undefined && into.fields === undefined ? undefined : { ...from.fields, ...into.fields };
  return fields === undefined ? { features: values } : { fields, features: values };
}
