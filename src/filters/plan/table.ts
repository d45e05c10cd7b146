import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { FieldDefinition } from '../../config/schema.ts';
import type { FieldValue, Item } from '../../domain/item.ts';
import { Bitset } from '../bitset.ts';
import { NumberColumn } from './numberColumn.ts';
import { ValueColumn } from './valueColumn.ts';

/** One field's index. `present` are the rows with a value of the field's type, `absent` those without a value. */
export interface FieldIndex {
  readonly definition: FieldDefinition;
  readonly present: Bitset;
  readonly absent: Bitset;
  /** Of categories and booleans. */
  readonly values?: ValueColumn;
  /** Of numbers and dates. */
  readonly numbers?: NumberColumn;
}

/** How many changes are remembered one by one; who is further behind starts anew. */
const REMEMBERED_CHANGES = 256;

/** The catalogue's fields as bitsets and columns, kept up to date with it. */
export class FieldTable {
  readonly catalogue: Catalogue;
  readonly alive: Bitset;
  readonly #fields = new Map<string, FieldIndex>();
  /** What was indexed of each row, to take it out again. */
  readonly #indexed: (Item | undefined)[] = [];
  readonly #recent: number[] = [];
  /** Counts changes. */
  version = 0;

  constructor(catalogue: Catalogue) {
    this.catalogue = catalogue;
    this.alive = new Bitset(catalogue.rows);
    for (const [name, definition] of Object.entries(catalogue.fields))
      this.#fields.set(name, createIndex(definition, catalogue.rows));
    for (let row = 0; row < catalogue.rows; row++) this.#apply(row, catalogue.at(row));
    for (const { numbers } of this.#fields.values()) numbers?.settle();
    catalogue.onChange((row, item) => {
      this.#apply(row, item);
      this.version++;
      this.#recent.push(row);
      if (this.#recent.length > REMEMBERED_CHANGES * 2) this.#recent.splice(0, REMEMBERED_CHANGES);
    });
  }

  field(name: string): FieldIndex | undefined {
    return this.#fields.get(name);
  }

  /** Rows that changed since a version, or `undefined` when that is too long ago. */
  changedSince(version: number): readonly number[] | undefined {
    const behind = this.version - version;
    if (behind > Math.min(REMEMBERED_CHANGES, this.#recent.length)) return undefined;
    return behind === 0 ? [] : this.#recent.slice(-behind);
  }

  #apply(row: number, item: Item | undefined): void {
    const before = this.#indexed[row];
    this.#indexed[row] = item;
    if (item) this.alive.add(row);
    else this.alive.delete(row);
    for (const [name, index] of this.#fields) updateIndex(index, row, own(before, name), own(item, name), item !== undefined);
  }
}

const own = (item: Item | undefined, name: string): FieldValue | undefined =>
  item && Object.hasOwn(item.fields, name) ? item.fields[name] : undefined;

function createIndex(definition: FieldDefinition, rows: number): FieldIndex {
  const base = { definition, present: new Bitset(rows), absent: new Bitset(rows) };
  switch (definition.type) {
    case 'text':
      return base;
    case 'number':
    case 'date':
      return { ...base, numbers: new NumberColumn() };
    default:
      return { ...base, values: new ValueColumn() };
  }
}

/** Whether CEL would take the value for one of the field's type. */
function fits(definition: FieldDefinition, value: FieldValue): boolean {
  switch (definition.type) {
    case 'text':
    case 'category':
      return typeof value === 'string';
    case 'categories':
      return Array.isArray(value);
    case 'number':
    case 'date':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
  }
}

function updateIndex(
  index: FieldIndex,
  row: number,
  before: FieldValue | undefined,
  after: FieldValue | undefined,
  there: boolean,
): void {
  const { definition } = index;
  const had = before !== undefined && fits(definition, before) ? before : undefined;
  const has = after !== undefined && fits(definition, after) ? after : undefined;
  if (has === undefined) index.present.delete(row);
  else index.present.add(row);
  if (there && after === undefined) index.absent.add(row);
  else index.absent.delete(row);
  if (had === has) return;
  index.numbers?.update(row, numberOf(definition, has));
  index.values?.update(row, listOf(had), listOf(has));
}

function numberOf(definition: FieldDefinition, value: FieldValue | undefined): number {
  if (typeof value !== 'number') return Number.NaN;
  return definition.type === 'date' ? new Date(value).getTime() : value;
}

function listOf(value: FieldValue | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'object' ? value : [String(value)];
}
