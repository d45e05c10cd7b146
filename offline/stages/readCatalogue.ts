import type { CatalogueChange } from '../../src/domain/event.ts';
import type { Item, ItemId, UserId } from '../../src/domain/item.ts';
import { type EventLog, type LogPosition } from '../../src/ports/eventLog.ts';
import { catalogueChangeSchema } from '../../src/loop/schemas.ts';

export interface CatalogueAtPosition {
  /** What is there after the last change, in the order of first appearance. */
  readonly items: readonly Item[];
  readonly users: number;
  readonly position: LogPosition;
}

/** Folds the catalogue topic, imported and live changes alike, into what it holds at its end. */
export async function readCatalogue(log: EventLog): Promise<CatalogueAtPosition> {
  const position = await log.end('catalogue');
  const items = new Map<ItemId, Item>();
  const users = new Set<UserId>();
  for await (const batch of log.read('catalogue', { to: position })) {
    for (const record of batch) apply(catalogueChangeSchema.parse(record.value), items, users);
  }
  return { items: [...items.values()], users: users.size, position };
}

function apply(change: CatalogueChange, items: Map<ItemId, Item>, users: Set<UserId>): void {
  if (change.kind === 'item.put') items.set(change.item.id, change.item);
  else if (change.kind === 'item.delete') items.delete(change.id);
  else if (change.kind === 'user.put') users.add(change.user.id);
  else if (change.kind === 'user.delete') users.delete(change.id);
}
