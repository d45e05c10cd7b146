import type { Config } from '../src/config/schema.ts';
import { UnavailableError, UserError } from '../src/domain/errors.ts';
import type { CatalogueChange } from '../src/domain/event.ts';
import type { Item, ItemId } from '../src/domain/item.ts';
import type { JsonValue } from '../src/domain/json.ts';
import { entityKey } from '../src/domain/state.ts';
import type { EventLog, LogEntry } from '../src/ports/eventLog.ts';
import { createTurns } from './inTurn.ts';
import { parseJsonFields } from './itemFields.ts';
import type { WithItemLock } from './itemLock.ts';
import type { CurrentArtifact } from './serving/currentArtifact.ts';

/** How long an answer waits for this process to serve the change it has logged. */
const VISIBLE_MS = 1000;

export type JsonFields = Readonly<Record<string, JsonValue | undefined>>;

/** `served`: the next list of this process knows it. `accepted`: durable, and on its way. */
export type Visibility = 'served' | 'accepted';

/** The catalogue, live. Every change is appended to the log; what serves follows the log. */
export interface Items {
  get(id: ItemId): Item | undefined;
  /** @throws UserError naming wrong fields */
  put(id: ItemId, fields: JsonFields): Promise<{ item: Item; created: boolean; visibility: Visibility }>;
  /** Replaces the fields given, and takes away those given as null. @throws UserError 404 */
  patch(id: ItemId, fields: JsonFields): Promise<{ item: Item; visibility: Visibility }>;
  /** @throws UserError 404 */
  remove(id: ItemId): Promise<Visibility>;
  /** Checks one item of a batch. @throws UserError naming wrong fields */
  check(id: ItemId, fields: JsonFields): Item;
  putMany(items: readonly Item[]): Promise<void>;
  /** Waits until all that was put so far is served here, a second at the most. */
  settle(): Promise<Visibility>;
}

export function createItems(dependencies: {
  log: EventLog;
  current: CurrentArtifact;
  config: Pick<Config, 'fields'>;
  withLock: WithItemLock;
}): Items {
  const { log, current, config, withLock } = dependencies;
  const get = (id: ItemId) => current.artifact.catalogue.get(id);
  const inTurn = createTurns();
  const settle = async (): Promise<Visibility> => ((await current.settle(VISIBLE_MS)) ? 'served' : 'accepted');
  const check = (id: ItemId, fields: JsonFields): Item => ({ id, fields: parseJsonFields(fields, config.fields) });
  const known = async (id: ItemId): Promise<Item> => {
    // What a change builds on must be the newest: an older one would take back what someone else has just written.
    if ((await settle()) !== 'served') throw new UnavailableError('Changes of the catalogue are behind; try again in a moment.');
    const item = get(id);
    if (item === undefined) throw new UserError(`There is no item "${id}".`, { status: 404 });
    return item;
  };
  return {
    get,
    check,
    settle,
    put: async (id, fields) => {
      const item = check(id, fields);
      return inTurn(id, async () => {
        const created = get(id) === undefined;
        await log.append('catalogue', [entryOf(item)]);
        return { item, created, visibility: await settle() };
      });
    },
    patch: async (id, changes) => {
      const changed = parseJsonFields(changes, config.fields);
      const removed = Object.keys(changes).filter((name) => changes[name] === null);
      const change = async (check: () => void): Promise<Item> => {
        const old = await known(id);
        const fields: Record<string, Item['fields'][string]> = { ...old.fields, ...changed };
        for (const name of removed) delete fields[name];
        const item = { id, fields };
        check();
        await log.append('catalogue', [entryOf(item)]);
        return item;
      };
      return inTurn(id, async () => ({ item: await withLock(id, change), visibility: await settle() }));
    },
    remove: (id) =>
      inTurn(id, async () => {
        await known(id);
        await log.append('catalogue', [{ key: entityKey('item', id), value: { kind: 'item.delete', id, origin: 'live' } }]);
        return settle();
      }),
    async putMany(items) {
      await log.append('catalogue', items.map(entryOf));
    },
  };
}

function entryOf(item: Item): LogEntry {
  const change = { kind: 'item.put', item: { id: item.id, fields: item.fields }, origin: 'live' } satisfies CatalogueChange;
  return { key: entityKey('item', item.id), value: change };
}
