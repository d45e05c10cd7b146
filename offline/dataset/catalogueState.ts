import type { Origin } from '../../src/domain/event.ts';
import type { Item } from '../../src/domain/item.ts';
import { catalogueChangeSchema } from '../../src/loop/schemas.ts';
import type { EventLog } from '../../src/ports/eventLog.ts';
import { contentHash } from './contentHash.ts';

/** What the log knows of items, or of users: the content of the last import, and who changed what since. */
export interface EntityLog {
  /** Content hash of each entity that the last import has. */
  readonly imported: Map<string, string>;
  /** Ids that are there now, imported or put live. */
  readonly present: Set<string>;
  /** Ids whose last change was a live one. */
  readonly live: Set<string>;
}

export interface CatalogueState {
  readonly items: EntityLog;
  readonly users: EntityLog;
  /** When a live call erased a user, wall clock in milliseconds. */
  readonly erased: ReadonlyMap<string, number>;
}

/** Reads the catalogue topic from its beginning. What the last import was follows from the log alone, so the two never differ. */
export async function readCatalogueState(log: EventLog): Promise<CatalogueState> {
  const empty = (): EntityLog => ({ imported: new Map(), present: new Set(), live: new Set() });
  const items = empty();
  const users = empty();
  const erased = new Map<string, number>();
  for await (const batch of log.read('catalogue')) {
    for (const record of batch) {
      const change = catalogueChangeSchema.parse(record.value);
      switch (change.kind) {
        case 'item.put':
          put(items, change.item, change.origin);
          break;
        case 'user.put':
          put(users, change.user, change.origin);
          break;
        case 'item.delete':
          remove(items, change.id, change.origin);
          break;
        case 'user.delete':
          remove(users, change.id, change.origin);
          if (change.origin === 'live') erased.set(change.id, record.appendedAt);
          break;
        case 'user.merge':
          break;
      }
    }
  }
  return { items, users, erased };
}

function put(log: EntityLog, { id, fields }: Item, by: Origin): void {
  log.present.add(id);
  if (by === 'import') {
    log.imported.set(id, contentHash(fields));
    log.live.delete(id);
  } else log.live.add(id);
}

function remove(log: EntityLog, id: string, by: Origin): void {
  log.present.delete(id);
  if (by === 'import') {
    log.imported.delete(id);
    log.live.delete(id);
  } else log.live.add(id);
}
