import type { FieldDefinitions } from '../../config/schema.ts';
import type { Item } from '../../domain/item.ts';
import { remembered } from './shared.ts';

/** Category fields that get features of their own: those declared first. */
const MOST_FIELDS = 8;

export const categoryFields = (fields: FieldDefinitions): string[] =>
  Object.keys(fields)
    .filter((name) => fields[name]!.type === 'category' || fields[name]!.type === 'categories')
    .slice(0, MOST_FIELDS);

/** The item's values of a category field as small integers, remembered for as long as the item lives. */
export interface CategoryCodes {
  /** Of all fields, in their order. */
  all(ordinal: number, item: Item): readonly Int32Array[];
  /** How many values of a field have a code so far. */
  count(field: number): number;
}

const none = new Int32Array(0);

export function categoryCodes(names: readonly string[]): CategoryCodes {
  const tables = names.map(() => new Map<string, number>());
  const code = (field: number, value: string): number => {
    const table = tables[field]!;
    const existing = table.get(value);
    if (existing !== undefined) return existing;
    table.set(value, table.size);
    return table.size - 1;
  };
  const encode = (item: Item): Int32Array[] =>
    names.map((name, field) => {
      const value = item.fields[name];
      if (typeof value === 'string') return Int32Array.of(code(field, value));
      return Array.isArray(value) ? Int32Array.from(value, (entry) => code(field, String(entry))) : none;
    });
  const all = remembered(encode);
  return {
    all,
    count: (field) => tables[field]!.size,
  };
}
