import type { Actor } from '../../src/domain/event.ts';
import { type EntityKey, entityKey } from '../../src/domain/state.ts';
import { catalogueChangeSchema } from '../../src/loop/schemas.ts';
import type { EventLog } from '../../src/ports/eventLog.ts';

/** Whose an event is, now that some users were erased and some actors merged into others. */
export interface Owners {
  /**
   * @param appendedAt when the log took the event, wall clock in milliseconds
   * @returns `undefined` where it is nobody's, or an erased user's
   */
  of(event: Actor & { readonly occurredAt: number }, appendedAt: number): EntityKey | undefined;
}

/** Reads erasures and merges from the catalogue topic. */
export async function readOwners(log: EventLog): Promise<Owners> {
  const erased = new Map<EntityKey, number>();
  const merged = new Map<EntityKey, EntityKey>();
  for await (const batch of log.read('catalogue')) {
    for (const record of batch) {
      const change = catalogueChangeSchema.parse(record.value);
      if (change.kind === 'user.delete') erased.set(entityKey('user', change.id), record.appendedAt);
      if (change.kind !== 'user.merge') continue;
      const from = actorOf(change.from);
      const into = entityKey('user', change.into);
      if (from !== undefined && from !== into) merged.set(from, into);
    }
  }
  return {
    of(event, appendedAt) {
      const owner = resolve(actorOf(event), merged);
      if (owner === undefined) return undefined;
      // An import that comes after the erasure brings nothing back either: what happened before it stays erased.
      const erasedAt = erased.get(owner);
      return erasedAt !== undefined && Math.min(event.occurredAt, appendedAt) <= erasedAt ? undefined : owner;
    },
  };
}

/** An event with both ids is the user's. */
function actorOf({ userId, sessionId }: Actor): EntityKey | undefined {
  if (userId !== undefined) return entityKey('user', userId);
  return sessionId === undefined ? undefined : entityKey('session', sessionId);
}

/** Follows merges to the end; a circle ends where it began. */
function resolve(actor: EntityKey | undefined, merged: ReadonlyMap<EntityKey, EntityKey>): EntityKey | undefined {
  let at = actor;
  const passed = new Set<EntityKey>();
  while (at !== undefined && !passed.has(at)) {
    passed.add(at);
    const next = merged.get(at);
    if (next === undefined) return at;
    at = next;
  }
  return at;
}
