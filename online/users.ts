import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../src/config/schema.ts';
import { UnavailableError, UserError } from '../src/domain/errors.ts';
import type { Actor } from '../src/domain/event.ts';
import type { Fields, UserId } from '../src/domain/item.ts';
import type { JsonValue } from '../src/domain/json.ts';
import type { HistoryEntry } from '../src/domain/pipeline.ts';
import { type EntityState, entityKey } from '../src/domain/state.ts';
import { historyOf } from '../src/features/index.ts';
import { aliasOf } from '../src/loop/reserved.ts';
import type { EventLog } from '../src/ports/eventLog.ts';
import type { FeatureStore } from '../src/ports/featureStore.ts';
import { parseJsonFields } from './itemFields.ts';
import type { JsonFields, Visibility } from './items.ts';
import { eventually } from './within.ts';

const VISIBLE_MS = 1000;
const SHOWN_HISTORY = 20;
/** The most users a listing looks at: it is for picking one to look at, not for export. */
const LISTED = 5000;

export interface KnownUser {
  readonly id: UserId;
  readonly fields: Fields;
  /** The latest actions, newest first. */
  readonly history: readonly HistoryEntry[];
}

/** People: attributes, erasure and merging. Every change is appended to the log; the updater stores it. */
export interface Users {
  /** @throws UnavailableError */
  get(id: UserId): Promise<KnownUser | undefined>;
  list(limit: number, offset: number): Promise<{ users: { id: UserId; fields: Fields; actions: number }[]; more: boolean }>;
  /** @throws UserError naming wrong fields */
  put(id: UserId, fields: JsonFields): Promise<{ fields: Fields; visibility: Visibility }>;
  /** Erases attributes and history. */
  remove(id: UserId): Promise<Visibility>;
  /** The actor's history becomes part of the user's; the actor is then no more. */
  merge(from: Actor, into: UserId): Promise<void>;
}

/** The log has the change: a store that is away gets it later, which is no failure of the change. */
function notYet(error: unknown): false {
  if (error instanceof UnavailableError) return false;
  throw error;
}

export function createUsers(dependencies: { log: EventLog; store: FeatureStore; config: Pick<Config, 'userFields'> }): Users {
  const { log, store, config } = dependencies;
  const stateOf = async (id: UserId): Promise<EntityState | undefined> => (await store.getMany([entityKey('user', id)]))[0];
  const append = (id: UserId, value: JsonValue) => log.append('catalogue', [{ key: entityKey('user', id), value }]);
  const visible = async (ask: () => Promise<boolean>): Promise<Visibility> =>
    (await eventually(() => ask().catch(notYet), VISIBLE_MS)) ? 'served' : 'accepted';
  return {
    async get(id) {
      const state = await stateOf(id);
      if (state === undefined) return undefined;
      return { id, fields: state.fields ?? {}, history: historyOf(state).slice(-SHOWN_HISTORY).reverse() };
    },
    async list(limit, offset) {
      const users: { id: UserId; fields: Fields; actions: number }[] = [];
      for await (const [key, state] of store.scan('user')) {
        users.push({ id: key.slice('user:'.length), fields: state.fields ?? {}, actions: historyOf(state).length });
        if (users.length >= LISTED) break;
      }
      users.sort((a, b) => b.actions - a.actions || (a.id < b.id ? -1 : 1));
      return { users: users.slice(offset, offset + limit), more: users.length > offset + limit };
    },
    async put(id, given) {
      const fields = parseJsonFields(given, config.userFields);
      await append(id, { kind: 'user.put', user: { id, fields }, origin: 'live' });
      return { fields, visibility: await visible(async () => isDeepStrictEqual((await stateOf(id))?.fields ?? {}, fields)) };
    },
    async remove(id) {
      await append(id, { kind: 'user.delete', id, origin: 'live' });
      return visible(async () => (await stateOf(id)) === undefined);
    },
    async merge(from, into) {
      if (from.userId === into) throw new UserError('A user cannot be merged into itself.');
      await append(into, { kind: 'user.merge', from: { ...from }, into, origin: 'live' });
      const key = from.userId === undefined ? entityKey('session', from.sessionId ?? '') : entityKey('user', from.userId);
      await visible(async () => aliasOf((await store.getMany([key]))[0]) !== undefined);
    },
  };
}
