import type { Catalogue } from '../../catalogue/catalogue.ts';
import { UserError } from '../../domain/errors.ts';
import type { ItemId } from '../../domain/item.ts';
import { Bitset } from '../../filters/bitset.ts';
import type { FilterPlanner } from '../../filters/planner.ts';
import { bufferFor } from '../../kernels/pages.ts';
import type { VectorEntry } from '../../ports/vectorIndex.ts';
import { innerProduct } from './innerProduct.ts';
import { RowScanner } from './rowScanner.ts';

/** What an index needs to understand filters: plans are over the catalogue's rows. */
export interface Filtering {
  readonly planner: FilterPlanner;
  readonly catalogue: Catalogue;
}

/** What stands for 1 in 16 bits. */
const MOST_SHORT = 32_767;

export interface StoredVectors {
  readonly ids: readonly ItemId[];
  readonly vectors: Float32Array;
}

/**
 * Vectors in one array, a row for each item that was ever put in; an id keeps its row. It knows where in the catalogue each
 * row's item is, so that a plan's rows can be walked.
 */
export class IndexTable {
  readonly dimensions: number;
  readonly ids: ItemId[] = [];
  readonly alive = new Bitset(0);
  scanner: RowScanner;
  /** Row after row, each number times `unit`; another array once the table has grown. */
  numbers: Float32Array | Int16Array;
  unit = 1;
  size = 0;
  /** Of ids that no catalogue is known to have: the others are found through their row there. */
  readonly #rowOf = new Map<ItemId, number>();
  readonly #filtering: Filtering | undefined;
  /** Row of this table by row of the catalogue; -1 where there is none. */
  #rowByOrdinal: Int32Array = new Int32Array(0);
  #ordinalByRow: Int32Array = new Int32Array(0);
  /** Rows whose item was not in the catalogue when last looked up. */
  readonly #homeless = new Set<number>();

  /** @param stored finite vectors to begin with, and their ids: the array becomes the table's own */
  constructor(dimensions: number, filtering: Filtering | undefined, stored?: StoredVectors) {
    this.dimensions = dimensions;
    this.numbers = stored?.vectors ?? new Float32Array(1024 * dimensions);
    this.#filtering = filtering;
    this.scanner = new RowScanner(this);
    for (const id of stored?.ids ?? []) this.#revive(this.row(id) ?? this.#addRow(id));
  }

  get rows(): number {
    return this.ids.length;
  }

  get filtering(): Filtering {
    if (!this.#filtering) throw new Error('this index was made without a planner, so it cannot take a filter');
    return this.#filtering;
  }

  /** Row after row in full: the numbers themselves, or a copy where they are held in 16 bits. */
  get vectors(): Float32Array {
    const { numbers, unit } = this;
    return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers, (number) => number * unit);
  }

  /** A row's own vector in full: a view, or a copy where it is held in 16 bits. */
  vector(row: number): Float32Array {
    const { numbers, unit, dimensions } = this;
    const at = row * dimensions;
    if (numbers instanceof Float32Array) return numbers.subarray(at, at + dimensions);
    return Float32Array.from(numbers.subarray(at, at + dimensions), (number) => number * unit);
  }

  /** Inner product of a row's vector and a query. */
  score(row: number, query: Float32Array): number {
    return innerProduct(this.numbers, row * this.dimensions, query) * this.unit;
  }

  /** Holds vectors no longer than 1 in 16 bits a number from now on: half the memory, and inner products to about 0.00001. */
  compact(): void {
    const full = this.numbers;
    if (full instanceof Int16Array) return;
    const length = this.rows * this.dimensions;
    this.numbers = new Int16Array(bufferFor(length * 2), 0, length);
    this.unit = 1 / MOST_SHORT;
    for (let at = 0; at < length; at += this.dimensions) this.#write(full.subarray(at, at + this.dimensions), at);
    this.scanner = new RowScanner(this);
    this.scanner.prepare();
  }

  #write(vector: Float32Array, at: number): void {
    const { numbers } = this;
    if (numbers instanceof Float32Array) numbers.set(vector, at);
    else
      vector.forEach((value, i) => {
        numbers[at + i] = Math.round(Math.max(-1, Math.min(1, value)) * MOST_SHORT);
      });
  }

  row(id: ItemId): number | undefined {
    const ordinal = this.#filtering?.catalogue.row(id);
    const row = ordinal === undefined ? -1 : (this.#rowByOrdinal[ordinal] ?? -1);
    return row >= 0 ? row : this.#rowOf.get(id);
  }

  /** @returns its row */
  put({ id, vector }: VectorEntry): number {
    this.check(vector, `vector of item "${id}"`);
    const row = this.row(id) ?? this.#addRow(id);
    this.#write(vector, row * this.dimensions);
    this.scanner.touch(row);
    this.#revive(row);
    return row;
  }

  #addRow(id: ItemId): number {
    const row = this.ids.length;
    // The catalogue's own string where it has the item: one copy of an id is enough.
    const ordinal = this.#filtering?.catalogue.ordinal(id);
    const known = ordinal === undefined ? undefined : this.#filtering?.catalogue.at(ordinal);
    this.ids.push(known?.id ?? id);
    if (this.numbers.length < (row + 1) * this.dimensions) this.#grow(row + 1);
    if (this.#filtering && this.#settle(row)) return row;
    this.#rowOf.set(id, row);
    if (this.#filtering) this.#homeless.add(row);
    return row;
  }

  #revive(row: number): void {
    if (this.alive.has(row)) return;
    this.alive.add(row);
    this.size++;
  }

  /** @returns the row it had, if it was there */
  remove(id: ItemId): number | undefined {
    const row = this.row(id);
    if (row === undefined || !this.alive.has(row)) return undefined;
    this.alive.delete(row);
    this.size--;
    return row;
  }

  /** @throws UserError for a vector of another length or with a value that is not finite */
  check(vector: Float32Array, what: string): void {
    if (vector.length !== this.dimensions)
      throw new UserError(`${what}: ${this.dimensions} dimensions expected, ${vector.length} given`);
    for (let i = 0; i < vector.length; i++)
      if (!Number.isFinite(vector[i])) throw new UserError(`${what}: not a finite number at ${i}`);
  }

  /** Rows of this table for a plan's rows of the catalogue, those that are alive. */
  rowsOf(ordinals: Bitset): Uint32Array {
    this.#findHomes();
    const rows = new Uint32Array(Math.min(ordinals.count(), this.size));
    let filled = 0;
    const { words } = ordinals;
    for (let i = 0; i < words.length; i++) {
      let word = words[i] ?? 0;
      while (word !== 0) {
        const lowest = word & -word;
        const row = this.#rowByOrdinal[(i << 5) + 31 - Math.clz32(lowest)] ?? -1;
        if (row >= 0 && this.alive.has(row)) rows[filled++] = row;
        word ^= lowest;
      }
    }
    return filled === rows.length ? rows : rows.subarray(0, filled);
  }

  /** Row of the catalogue for a row of this table, or -1. */
  ordinal(row: number): number {
    this.#findHomes();
    return this.#ordinalByRow[row] ?? -1;
  }

  aliveRows(): Uint32Array {
    return this.alive.toArray();
  }

  #grow(rows: number): void {
    const length = Math.max(rows, Math.ceil((this.numbers.length / this.dimensions) * 1.5)) * this.dimensions;
    const grown = this.numbers instanceof Int16Array ? new Int16Array(length) : new Float32Array(length);
    grown.set(this.numbers);
    this.numbers = grown;
  }

  #findHomes(): void {
    for (const row of this.#homeless) if (this.#settle(row)) this.#homeless.delete(row);
  }

  #settle(row: number): boolean {
    const id = this.ids[row];
    const ordinal = id === undefined ? undefined : this.filtering.catalogue.ordinal(id);
    if (ordinal === undefined) return false;
    this.#rowByOrdinal = withRoom(this.#rowByOrdinal, ordinal);
    this.#rowByOrdinal[ordinal] = row;
    this.#ordinalByRow = withRoom(this.#ordinalByRow, row);
    this.#ordinalByRow[row] = ordinal;
    return true;
  }
}

function withRoom(array: Int32Array, index: number): Int32Array {
  if (index < array.length) return array;
  const grown = new Int32Array(Math.max(index + 1, Math.ceil(array.length * 1.5), 1024)).fill(-1);
  grown.set(array);
  return grown;
}
