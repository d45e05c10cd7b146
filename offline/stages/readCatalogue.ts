import type { CatalogueChange } from '../../src/domain/event.ts';
import type { Item, ItemId, UserId } from '../../src/domain/item.ts';
import { catalogueChangeSchema } from '../../src/loop/schemas.ts';
import type { EventLog, LogPosition } from '../../src/ports/eventLog.ts';

export interface CatalogueAtPosition {
  /** What is there after the last change, in the order of first appearance. */
  readonly items: readonly Item[];
  readonly users: number;
}

/** Folds the catalogue topic, imported and live changes alike, into what it holds at a position. */
export async function readCatalogue(log: EventLog, position: LogPosition): Promise<CatalogueAtPosition> {
  const items = new Map<ItemId, Item>();
  const users = new Set<UserId>();
  for await (const batch of log.read('catalogue', { to: position })) {
    for (const record of batch) apply(catalogueChangeSchema.parse(record.value), items, users);
  }
  return { items: [...items.values()], users: users.size };
}

function apply(change: CatalogueChange, items: Map<ItemId, Item>, users: Set<UserId>): void {
  if (change.kind === 'item.put') items.set(change.item.id, change.item);
  else if (change.kind === 'item.delete') items.delete(change.id);
  else if (change.kind === 'user.put') users.add(change.user.id);
  else if (change.kind === 'user.delete') users.delete(change.id);
}
