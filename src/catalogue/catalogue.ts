import type { FieldDefinitions } from '../config/schema.ts';
import type { Item, ItemId } from '../domain/item.ts';

/**
 * The items in memory, as a table: an item's row is its ordinal, which it keeps while the table lives. The first
 * `trainedSize` rows are the artifact's snapshot in its order, so that ordinals index the models' arrays; items added live
 * follow. Filters keep bitsets over ordinals and update them through `onChange`.
 */
export interface Catalogue {
  readonly fields: FieldDefinitions;
  /** Rows, deleted ones included. */
  readonly rows: number;
  readonly trainedSize: number;
  /** Items that are there. */
  readonly size: number;
  /** Row of an item that is there, or was. */
  row(id: ItemId): number | undefined;
  /** Row of an item that is there. */
  ordinal(id: ItemId): number | undefined;
  at(ordinal: number): Item | undefined;
  get(id: ItemId): Item | undefined;
  /** Inserts or replaces; a replaced or re-added item keeps its row. */
  put(item: Item): number;
  remove(id: ItemId): boolean;
  items(): Iterable<Item>;
  onChange(listener: (ordinal: number, item: Item | undefined) => void): void;
}
