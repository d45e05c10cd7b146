import type { Catalogue } from '../../catalogue/catalogue.ts';
import { UserError } from '../../domain/errors.ts';
import type { ItemId } from '../../domain/item.ts';
import { Bitset } from '../../filters/bitset.ts';
import type { FilterPlanner } from '../../filters/planner.ts';
import type { VectorEntry } from '../../ports/vectorIndex.ts';
import { RowScanner } from './rowScanner.ts';

/** What an index needs to understand filters: plans are over the catalogue's rows. */
export interface Filtering {
  readonly planner: FilterPlanner;
  readonly catalogue: Catalogue;
}

export interface StoredVectors {
  readonly ids: readonly ItemId[];
  readonly vectors: Float32Array;
}

/**
 * Vectors in one array, a row for each item that was ever put in; an id keeps its row. It knows where in the catalogue each
 * row's item is, so that a plan's rows can be walked.
 */
export class VectorTable {
  readonly dimensions: number;
  readonly ids: ItemId[] = [];
  readonly alive = new Bitset(0);
  readonly scanner: RowScanner;
  /** Row after row; another array once the table has grown. */
  vectors: Float32Array;
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
    this.vectors = stored?.vectors ?? new Float32Array(1024 * dimensions);
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

  row(id: ItemId): number | undefined {
    const ordinal = this.#filtering?.catalogue.row(id);
    const row = ordinal === undefined ? -1 : (this.#rowByOrdinal[ordinal] ?? -1);
    return row >= 0 ? row : this.#rowOf.get(id);
  }

  /** @returns its row */
  put({ id, vector }: VectorEntry): number {
    this.check(vector, `vector of item "${id}"`);
    const row = this.row(id) ?? this.#addRow(id);
    this.vectors.set(vector, row * this.dimensions);
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
    if (this.vectors.length < (row + 1) * this.dimensions) this.#grow(row + 1);
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
    const grown = new Float32Array(Math.max(rows, Math.ceil((this.vectors.length / this.dimensions) * 1.5)) * this.dimensions);
    grown.set(this.vectors);
    this.vectors = grown;
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
