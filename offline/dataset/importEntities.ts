import type { CatalogueChange } from '../../src/domain/event.ts';
import type { Fields } from '../../src/domain/item.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import { entityKey } from '../../src/domain/state.ts';
import type { EventLog, LogEntry } from '../../src/ports/eventLog.ts';
import type { EntityLog } from './catalogueState.ts';
import { contentHash } from './contentHash.ts';

/** Entries of one append, which waits for the disk once. */
const BATCH = 10_000;

/**
 * Appends what differs between a file and its last import: rows that are new or changed, and those gone from the file. What
 * was changed live is left alone, unless the file's row changed too. Brings `known` up to date.
 * @returns how many changes were appended
 */
export async function importEntities(
  kind: 'item' | 'user',
  entities: ReadonlyMap<string, Fields>,
  known: EntityLog,
  log: EventLog,
): Promise<number> {
  let changes = 0;
  let batch: LogEntry[] = [];
  const append = async (id: string, value: JsonValue) => {
    batch.push({ key: entityKey(kind, id), value });
    changes++;
    if (batch.length < BATCH) return;
    await log.append('catalogue', batch);
    batch = [];
  };
  for (const [id, fields] of entities) {
    const hash = contentHash(fields);
    if (known.imported.get(id) === hash) continue;
    await append(id, putOf(kind, id, fields));
    known.imported.set(id, hash);
    known.present.add(id);
    known.live.delete(id);
  }
  for (const id of [...known.imported.keys()]) {
    if (entities.has(id) || known.live.has(id)) continue;
    await append(id, kind === 'item' ? deleteItem(id) : deleteUser(id));
    known.imported.delete(id);
    known.present.delete(id);
  }
  if (batch.length > 0) await log.append('catalogue', batch);
  return changes;
}

function putOf(kind: 'item' | 'user', id: string, fields: Fields) {
  const origin = 'import' as const;
  return kind === 'item'
    ? ({ kind: 'item.put', item: { id, fields }, origin } satisfies CatalogueChange)
    : ({ kind: 'user.put', user: { id, fields }, origin } satisfies CatalogueChange);
}

const deleteItem = (id: string) => ({ kind: 'item.delete', id, origin: 'import' }) satisfies CatalogueChange;
const deleteUser = (id: string) => ({ kind: 'user.delete', id, origin: 'import' }) satisfies CatalogueChange;
