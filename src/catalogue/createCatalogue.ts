import type { FieldDefinitions } from '../config/schema.ts';
import type { Item, ItemId } from '../domain/item.ts';
import type { Catalogue } from './catalogue.ts';

type Listener = (ordinal: number, item: Item | undefined) => void;

/**
 * The table of items in memory. The items given become its trained rows, in their order.
 * @param trainedSize rows that belong to the artifact's snapshot, where more items than those are given
 */
export function createCatalogue(fields: FieldDefinitions, items: Iterable<Item>, trainedSize?: number): Catalogue {
  const table: (Item | undefined)[] = [];
  /** Rows are never given to another item, so that a deleted item that comes back finds its own. */
  const rowOf = new Map<ItemId, number>();
  const listeners: Listener[] = [];
  let size = 0;

  const put = (item: Item): number => {
    let row = rowOf.get(item.id);
    if (row === undefined) {
      row = table.length;
      rowOf.set(item.id, row);
    }
    if (table[row] === undefined) size++;
    table[row] = item;
    for (const listener of listeners) listener(row, item);
    return row;
  };

  for (const item of items) put(item);
  const trained = trainedSize ?? table.length;

  const ordinal = (id: ItemId): number | undefined => {
    const row = rowOf.get(id);
    return row !== undefined && table[row] !== undefined ? row : undefined;
  };

  return {
    fields,
    trainedSize: trained,
    get rows() {
      return table.length;
    },
    get size() {
      return size;
    },
    row: (id) => rowOf.get(id),
    ordinal,
    at: (row) => table[row],
    get(id) {
      const row = rowOf.get(id);
      return row === undefined ? undefined : table[row];
    },
    put,
    remove(id) {
      const row = ordinal(id);
      if (row === undefined) return false;
      table[row] = undefined;
      size--;
      for (const listener of listeners) listener(row, undefined);
      return true;
    },
    *items() {
      for (const item of table) if (item !== undefined) yield item;
    },
    onChange(listener) {
      listeners.push(listener);
    },
  };
}
