import type { Item, ItemId } from '../../src/domain/item.ts';
import { catalogueChangeSchema } from '../../src/loop/schemas.ts';
import type { EventLog, LogPosition } from '../../src/ports/eventLog.ts';

/** The items that the catalogue topic, imported and live changes alike, comes to at a position, in the order of first appearance. */
export async function readCatalogue(log: EventLog, position: LogPosition): Promise<Item[]> {
  const items = new Map<ItemId, Item>();
  for await (const batch of log.read('catalogue', { to: position })) {
    for (const record of batch) {
      const change = catalogueChangeSchema.parse(record.value);
      if (change.kind === 'item.put') items.set(change.item.id, change.item);
      else if (change.kind === 'item.delete') items.delete(change.id);
    }
  }
  return [...items.values()];
}
