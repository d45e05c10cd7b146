import type { FieldDefinition, FieldDefinitions } from '../config/schema.ts';
import type { Fields, FieldValue } from '../domain/item.ts';
import type { Cell } from '../ports/tables.ts';
import { type Parsed, parseDate } from './time.ts';

/** Whether a cell is a missing value. */
export const isMissing = (cell: Cell): boolean =>
  cell === undefined || cell === null || cell === '' || (Array.isArray(cell) && cell.length === 0);

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const TRUE = new Set(['true', 't', 'yes', 'y', '1']);
const FALSE = new Set(['false', 'f', 'no', 'n', '0']);

/** A cell as a value of the field's type; `undefined` where it is missing. */
export function parseValue(cell: Cell, definition: FieldDefinition): Parsed<FieldValue | undefined> {
  if (isMissing(cell)) return { value: undefined };
  switch (definition.type) {
    case 'text':
    case 'category': {
      const text = scalarText(cell);
      return text === undefined ? { reason: `expected one text, found ${kindOf(cell)}` } : { value: text };
    }
    case 'categories':
      return parseCategories(cell, definition.separator);
    case 'number':
      return parseNumber(cell);
    case 'boolean': {
      const text = scalarText(cell)?.trim().toLowerCase() ?? '';
      if (TRUE.has(text)) return { value: true };
      if (FALSE.has(text)) return { value: false };
      return { reason: `${quote(cell)} is not a boolean (true or false, yes or no, 1 or 0)` };
    }
    case 'date':
      return parseDate(cell);
  }
}

/** @returns the number, or why it is none; infinities and NaN are none */
export function parseNumber(cell: Cell): Parsed<number> {
  const text = typeof cell === 'number' ? String(cell) : typeof cell === 'string' ? cell.trim() : '';
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? { value } : { reason: `${quote(cell)} is not a number` };
}

/** Names in one text, in a list, or in a list of lists, such as the paths of a tree. */
function parseCategories(cell: Cell, separator: string): Parsed<FieldValue | undefined> {
  const parts = Array.isArray(cell) ? cell.flat().map(scalarText) : scalarText(cell)?.split(separator);
  if (parts === undefined || parts.includes(undefined)) return { reason: `expected texts, found ${kindOf(cell)}` };
  const names = [...new Set(parts.map((part) => part?.trim() ?? '').filter((part) => part !== ''))];
  return { value: names.length === 0 ? undefined : names };
}

/** Ids are texts as they stand; a JSON number counts where it is a whole one that a double holds exactly. */
export function idText(cell: Cell): string | undefined {
  if (typeof cell === 'string') return cell;
  return typeof cell === 'number' && Number.isSafeInteger(cell) ? String(cell) : undefined;
}

function scalarText(cell: unknown): string | undefined {
  if (typeof cell === 'string') return cell;
  return typeof cell === 'number' || typeof cell === 'boolean' ? String(cell) : undefined;
}

const kindOf = (cell: Cell): string => (Array.isArray(cell) ? 'a list' : cell === null ? 'null' : typeof cell);

/** A value for a message, cut to a readable length. */
export function quote(cell: Cell): string {
  const text = typeof cell === 'string' ? cell : (JSON.stringify(cell) ?? '');
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** The columns that the fields are read from. */
export const fieldColumns = (definitions: FieldDefinitions): readonly string[] =>
  Object.entries(definitions).map(([name, definition]) => definition.column ?? name);

/** Cells, in the order of `fieldColumns`, as fields; the reason names the field that is wrong. */
export function parseFields(cells: readonly Cell[], definitions: FieldDefinitions): Parsed<Fields> {
  const fields: Record<string, FieldValue> = {};
  let i = 0;
  for (const [name, definition] of Object.entries(definitions)) {
    const parsed = parseValue(cells[i++], definition);
    if ('reason' in parsed) return { reason: `field ${name}: ${parsed.reason}` };
    if (parsed.value !== undefined) fields[name] = parsed.value;
  }
  return { value: fields };
}
