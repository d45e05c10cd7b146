import type { FieldDefinitions } from '../../config/schema.ts';
import { categoryValues, type Item } from '../../domain/item.ts';
import type { PreparedList } from '../feature.ts';
import { fieldsOfType, grown, onceAnItem } from './shared.ts';

/** Category fields that get features of their own: those declared first. */
const MOST_FIELDS = 8;

export const categoryFields = (fields: FieldDefinitions): string[] =>
  fieldsOfType(fields, ['category', 'categories'], MOST_FIELDS);

/** A value of a category field. */
export interface Category {
  readonly field: string;
  readonly value: string;
}

/** The categories of a list's candidates, numbered as they are met in it; good until the next list. */
export interface ListCategories {
  /** Those of candidate i in field f of F are `numbers[starts[i × F + f]]` up to the next start. */
  readonly starts: Int32Array;
  readonly numbers: Int32Array;
  /** Codes of the categories in the list, by number. */
  readonly codes: readonly number[];
  /** By code: the category's number in the list plus 1, or 0 where no candidate has it. */
  readonly places: Int32Array;
}

/** Categories as small integers (codes) over all fields, so that features count in arrays. */
export interface Categories {
  readonly fields: readonly string[];
  /** Calls `visit` with the code of each of the item's categories, all fields in turn. */
  forEach(ordinal: number, item: Item, visit: (code: number) => void): void;
  category(code: number): Category;
  /** Of the list's candidates: made once, and handed to every feature that asks about the same list. */
  ofList(list: PreparedList): ListCategories;
}

export function categoriesOf(definitions: FieldDefinitions): Categories {
  const fields = categoryFields(definitions);
  const tables = fields.map(() => new Map<string, number>());
  const known: Category[] = [];
  const codeOf = (field: number, value: string): number => {
    const table = tables[field]!;
    const existing = table.get(value);
    if (existing !== undefined) return existing;
    table.set(value, known.length);
    return known.push({ field: fields[field]!, value }) - 1;
  };
  /** Of each item, one after the other: where each field's codes end, counted from the first, then the codes. */
  let pool = new Int32Array(1024);
  let filled = 0;
  /** By ordinal: where the item's part of the pool is, and how long it may be. */
  let begins = new Int32Array(0);
  let rooms = new Int32Array(0);
  const remember = onceAnItem((ordinal, item) => {
    const own: number[] = [];
    const ends = fields.map((name, field) => {
      for (const value of categoryValues(item.fields[name])) own.push(codeOf(field, value));
      return own.length;
    });
    const part = [...ends, ...own];
    if (ordinal >= begins.length) {
      begins = grown(begins, new Int32Array(2 * ordinal + 1024));
      rooms = grown(rooms, new Int32Array(begins.length));
    }
    // An item that takes another's place has that one's part where it fits.
    if (rooms[ordinal]! < part.length) {
      begins[ordinal] = filled;
      rooms[ordinal] = part.length;
      filled += part.length;
      if (filled > pool.length) pool = grown(pool, new Int32Array(2 * filled));
    }
    pool.set(part, begins[ordinal]);
  });
  let latest: PreparedList | undefined;
  let starts = new Int32Array(0);
  let numbers = new Int32Array(1024);
  let places = new Int32Array(0);
  let codes: number[] = [];
  const ofList = (list: PreparedList): ListCategories => {
    if (list !== latest) read(list);
    return { starts, numbers, codes, places };
  };
  const read = (list: PreparedList): void => {
    const { size, candidates, ordinals } = list;
    const width = fields.length;
    for (const code of codes) places[code] = 0;
    codes = [];
    latest = list;
    if (starts.length < size * width + 1) starts = new Int32Array(2 * size * width + 1);
    let end = 0;
    for (let i = 0; i < size; i++) {
      const ordinal = ordinals[i]!;
      remember(ordinal, candidates[i]!.item);
      if (places.length < known.length) places = grown(places, new Int32Array(2 * known.length));
      if (numbers.length < end + rooms[ordinal]!) numbers = grown(numbers, new Int32Array(2 * (end + rooms[ordinal]!)));
      const begin = begins[ordinal]!;
      const first = begin + width;
      let at = first;
      for (let field = 0; field < width; field++) {
        starts[i * width + field] = end;
        for (const last = first + pool[begin + field]!; at < last; at++) {
          const code = pool[at]!;
          if (places[code] === 0) places[code] = codes.push(code);
          numbers[end++] = places[code]! - 1;
        }
      }
    }
    starts[size * width] = end;
  };
  return {
    fields,
    forEach(ordinal, item, visit) {
      if (fields.length === 0) return;
      remember(ordinal, item);
      const first = begins[ordinal]! + fields.length;
      const last = first + pool[first - 1]!;
      for (let at = first; at < last; at++) visit(pool[at]!);
    },
    category: (code) => known[code]!,
    ofList,
  };
}
