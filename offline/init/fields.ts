import { fieldDefinitionSchema } from '../../src/config/schema.ts';
import { parseValue } from '../../src/dataset/values.ts';
import type { ColumnSample } from './columnSample.ts';

/** A field as `init` would write it; `note` stands beside it as a comment, and one without a type is left out. */
export interface FieldGuess {
  readonly name: string;
  readonly column: string;
  readonly type?: 'text' | 'category' | 'categories' | 'number' | 'boolean' | 'date';
  readonly separator?: string;
  readonly facet: boolean;
  readonly title: boolean;
  readonly note?: string;
}

const CODE = /(^|_|[a-z])(id|code|zip|sku|isbn|asin|ean|upc|phone)$/i;
const TITLE = /(title|name|headline)$/i;

/** Types of the columns other than the id. A type is taken only where every value of the sample fits it. */
export function guessFields(columns: readonly ColumnSample[], id: string): readonly FieldGuess[] {
  const names = new Set<string>(['id']);
  const guesses = columns.filter(({ name }) => name !== id).map((column) => checked(guessField(column, names), column));
  const title =
    guesses.find((guess) => guess.type === 'text' && TITLE.test(guess.column)) ?? guesses.find((guess) => guess.type === 'text');
  return guesses.map((guess) => ({ ...guess, title: guess === title }));
}

/** The guess, or none where a build would not take every value of the sample for it. */
function checked({ type, separator, ...guess }: FieldGuess, { cells }: ColumnSample): FieldGuess {
  if (type === undefined) return guess;
  const taken = separator === undefined ? { type } : { type, separator };
  const definition = fieldDefinitionSchema.parse(taken);
  const misfit = cells.map((cell) => parseValue(cell, definition)).find((parsed) => 'reason' in parsed);
  if (misfit !== undefined) return { ...guess, note: `no field, because of values such as: ${misfit.reason}` };
  return { ...guess, ...taken };
}

function guessField(column: ColumnSample, names: Set<string>): FieldGuess {
  const base = { name: fieldName(column.name, names), column: column.name, facet: false, title: false };
  const { texts, lists, distinct } = column;
  if (lists.length > 0) return { ...base, type: 'categories', facet: true };
  if (texts.length === 0) return { ...base, note: 'empty in all the rows looked at' };
  if (texts.every((text) => /^https?:\/\//.test(text))) return { ...base, note: 'addresses; nothing to filter or search by' };
  if (texts.every((text) => /^(true|false|yes|no)$/i.test(text))) return { ...base, type: 'boolean' };
  if (column.dates === 1) return { ...base, type: 'date' };
  const padded = texts.some((text) => /^0\d/.test(text));
  if (column.numeric === 1 && !padded && !CODE.test(column.name)) return { ...base, type: 'number', facet: distinct <= 200 };
  const separator = [...'|;,'].find((mark) => isList(texts, mark));
  if (separator !== undefined) return { ...base, type: 'categories', separator, facet: true };
  const length = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
  const repeats = distinct <= texts.length * 0.6 || CODE.test(column.name);
  if (repeats && length <= 60 && !TITLE.test(column.name)) return { ...base, type: 'category', facet: distinct <= 200 };
  return { ...base, type: 'text' };
}

/** Whether texts are lists: enough of them have the separator, and their short parts come again and again. */
function isList(texts: readonly string[], separator: string): boolean {
  const separated = texts.filter((text) => text.includes(separator));
  if (separated.length < Math.max(2, texts.length * 0.1)) return false;
  const parts = texts.flatMap((text) => text.split(separator).map((part) => part.trim()));
  const short = parts.filter((part) => part.length <= 30).length;
  return short >= parts.length * 0.95 && new Set(parts).size <= parts.length * 0.4;
}

/** An identifier that no other field has. */
function fieldName(column: string, names: Set<string>): string {
  const plain = column
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const start = plain === '' ? 'field' : /^\d/.test(plain) ? `_${plain}` : plain;
  let name = start;
  for (let n = 2; names.has(name); n++) name = `${start}_${n}`;
  names.add(name);
  return name;
}
