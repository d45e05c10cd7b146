import { z } from 'zod';
import type { EventLog, LogPosition } from '../../src/ports/eventLog.ts';
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

const origin = z.enum(['import', 'live']);
const entity = z.object({
  id: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
});
const changeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('item.put'), item: entity, origin }),
  z.object({ kind: z.literal('item.delete'), id: z.string(), origin }),
  z.object({ kind: z.literal('user.put'), user: entity, origin }),
  z.object({ kind: z.literal('user.delete'), id: z.string(), origin }),
  z.object({ kind: z.literal('user.merge'), origin }),
]);

/** Reads the catalogue topic from its beginning. What the last import was follows from the log alone, so the two never differ. */
export async function readCatalogueState(log: EventLog, to?: LogPosition): Promise<CatalogueState> {
  const empty = (): EntityLog => ({ imported: new Map(), present: new Set(), live: new Set() });
  const items = empty();
  const users = empty();
  const erased = new Map<string, number>();
  for await (const batch of log.read('catalogue', to === undefined ? {} : { to })) {
    for (const record of batch) {
      const change = changeSchema.parse(record.value);
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

function put(log: EntityLog, { id, fields }: z.infer<typeof entity>, by: z.infer<typeof origin>): void {
  log.present.add(id);
  if (by === 'import') {
    log.imported.set(id, contentHash(fields));
    log.live.delete(id);
  } else log.live.add(id);
}

function remove(log: EntityLog, id: string, by: z.infer<typeof origin>): void {
  log.present.delete(id);
  if (by === 'import') {
    log.imported.delete(id);
    log.live.delete(id);
  } else log.live.add(id);
}
