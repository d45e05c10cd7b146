import type { UserId } from '../domain/item.ts';
import { type EntityKey, entityKey } from '../domain/state.ts';
import { actorKey } from '../features/state/apply.ts';
import type { EventLog } from '../ports/eventLog.ts';
import { catalogueChangeSchema } from './schemas.ts';

/** Who became whom, and who was erased when, as the catalogue topic tells it. */
export interface Identities {
  /** The user an actor has become, if any. */
  userOf(actor: EntityKey): UserId | undefined;
  /** Whether what this actor did at a time (when the log took it, milliseconds) has been erased since. */
  isErased(actor: EntityKey, appendedAt: number): boolean;
  /** Everybody who was erased. */
  readonly erased: ReadonlyMap<EntityKey, number>;
}

/** Reads the whole catalogue topic. @throws UnavailableError */
export async function readIdentities(log: EventLog): Promise<Identities> {
  const aliases = new Map<EntityKey, EntityKey>();
  /** The other way round: who became this one directly. */
  const sources = new Map<EntityKey, Set<EntityKey>>();
  const erased = new Map<EntityKey, number>();
  const resolve = (from: EntityKey): EntityKey => {
    const passed = new Set<EntityKey>();
    let key = from;
    while (!passed.has(key)) {
      passed.add(key);
      key = aliases.get(key) ?? key;
    }
    return key;
  };
  for await (const batch of log.read('catalogue', { maxBatch: 5000 })) {
    for (const record of batch) {
      if (record.key.startsWith('item:')) continue;
      const change = catalogueChangeSchema.parse(record.value);
      if (change.kind === 'user.merge') {
        const from = actorKey(change.from);
        const into = resolve(entityKey('user', change.into));
        if (from === undefined || resolve(from) === into) continue;
        sources.get(aliases.get(from) ?? from)?.delete(from);
        aliases.set(from, into);
        sources.set(into, (sources.get(into) ?? new Set<EntityKey>()).add(from));
      } else if (change.kind === 'user.delete') {
        // The user, and everybody who became the user, be it by way of others.
        const gone: EntityKey[] = [entityKey('user', change.id)];
        for (let key = gone.pop(); key !== undefined; key = gone.pop()) {
          erased.set(key, record.appendedAt);
          sources.get(aliases.get(key) ?? key)?.delete(key);
          aliases.delete(key);
          gone.push(...(sources.get(key) ?? []));
          sources.delete(key);
        }
      }
    }
  }
  return {
    userOf: (actor) => {
      const key = resolve(actor);
      return key === actor ? undefined : key.slice('user:'.length);
    },
    isErased: (actor, appendedAt) => appendedAt <= (erased.get(actor) ?? Number.NEGATIVE_INFINITY),
    erased,
  };
}
