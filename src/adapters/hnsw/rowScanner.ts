import { pages } from '../../kernels/pages.ts';
import { Floor } from './floor.ts';
import { createScanKernel, LANES, MOST_ROWS, type ScanKernel } from './scanKernel.ts';

const LARGEST = 127;
/** Below every score. */
const LOWEST = -(2 ** 31);
/** New vectors may be this much larger than all before until everything is rounded anew. */
const HEADROOM = 1.1;

/** What the scanner reads: the rows as they are held, one after another, in any unit. */
interface Rows {
  readonly dimensions: number;
  readonly rows: number;
  readonly numbers: Float32Array | Int16Array;
}

/**
 * Finds the rows that may be among the best, without missing one: scores all rows in 8 bits with a known bound of the error,
 * so that only those within the bound of the best have to be scored in full precision.
 *
 * Each dimension has its own unit c, and v ≈ c·a with whole |a| ≤ 127; the query's products q·c ≈ u·b are whole numbers too.
 * With |v/c − a| ≤ ½ and |qc/u − b| ≤ ½, the error of Σab against Σqv/u is at most ½ Σ|qc|/u + ½ Σ|a|.
 */
export class RowScanner {
  readonly #source: Rows;
  readonly #stride: number;
  #memory = pages(1);
  #kernel: ScanKernel;
  readonly #scales: Float64Array;
  /** The greatest Σ|a| of a row. */
  #mostOfRow = 0;
  /** Rows that are rounded, from 0. */
  #known = 0;
  readonly #changed = new Set<number>();
  #query = new Int16Array(0);
  #scores = new Int32Array(0);
  #places = new Uint32Array(0);
  #list = new Uint32Array(0);
  #table = new Int8Array(0);
  /** Rows found by the search that goes on, and their scores: kept from search to search. */
  #found = new Uint32Array(0);
  #foundScores = new Int32Array(0);

  constructor(source: Rows) {
    this.#source = source;
    this.#stride = Math.ceil(source.dimensions / LANES) * LANES;
    this.#kernel = createScanKernel(this.#stride, this.#memory);
    this.#scales = new Float64Array(source.dimensions);
  }

  /** Says that a row's vector is another. */
  touch(row: number): void {
    if (row < this.#known) this.#changed.add(row);
  }

  /**
   * Every row among the `k` best of those asked for, and a few more, in no order: a view that holds until the next search.
   * @param rows the rows asked for; without them all that `has` lets through, which is asked only about good ones
   */
  candidates(query: Float32Array, k: number, rows: Uint32Array | undefined, has: (row: number) => boolean): Uint32Array {
    this.prepare();
    const margin = this.#roundQuery(query);
    const count = rows?.length ?? this.#source.rows;
    const floors = new Floor(k);
    let found = 0;
    let least = Number.NEGATIVE_INFINITY;
    for (let start = 0; start < count; start += MOST_ROWS) {
      const hits = this.#scan(rows, start, Math.min(MOST_ROWS, count - start), Math.max(LOWEST, least));
      this.#makeRoomForFound(found + hits);
      for (let i = 0; i < hits; i++) {
        const score = this.#scores[i]!;
        if (score < least) continue;
        const place = start + this.#places[i]!;
        const row = rows === undefined ? place : rows[place]!;
        if (!has(row)) continue;
        this.#found[found] = row;
        this.#foundScores[found++] = score;
        floors.offer(score);
        least = floors.value - margin;
      }
    }
    let kept = 0;
    for (let i = 0; i < found; i++) if (this.#foundScores[i]! >= least) this.#found[kept++] = this.#found[i]!;
    return this.#found.subarray(0, kept);
  }

  #makeRoomForFound(count: number): void {
    if (count <= this.#found.length) return;
    const found = new Uint32Array(2 * count);
    found.set(this.#found);
    this.#found = found;
    const scores = new Int32Array(2 * count);
    scores.set(this.#foundScores);
    this.#foundScores = scores;
  }

  /** Scores of some rows, and their places among them, those of at least `least`. @returns how many */
  #scan(rows: Uint32Array | undefined, start: number, size: number, least: number): number {
    if (rows === undefined) return this.#kernel.inOrder(0, this.#tableAt + start * this.#stride, size, this.#scoresAt, least);
    this.#list.set(rows.subarray(start, start + size));
    return this.#kernel.listed(0, this.#tableAt, size, this.#scoresAt, least, this.#listAt);
  }

  get #scoresAt(): number {
    return this.#stride * 2;
  }

  get #listAt(): number {
    return this.#scoresAt + MOST_ROWS * 8;
  }

  get #tableAt(): number {
    return this.#listAt + MOST_ROWS * 4;
  }

  /** @returns how far below the k-th best score a row may stand that belongs to the best */
  #roundQuery(query: Float32Array): number {
    const { dimensions } = this.#source;
    // As fine as 16 bits and sums of 32 bits allow.
    const finest = Math.min(32_767, Math.floor(2 ** 31 / ((LARGEST + 1) * dimensions)) - 1);
    let most = 0;
    let sum = 0;
    for (let i = 0; i < dimensions; i++) {
      const product = Math.abs(query[i]! * this.#scales[i]!);
      sum += product;
      if (product > most) most = product;
    }
    const unit = most === 0 ? 1 : most / finest;
    for (let i = 0; i < dimensions; i++) this.#query[i] = Math.round((query[i]! * this.#scales[i]!) / unit);
    return Math.ceil(sum / unit + this.#mostOfRow) + 2;
  }

  /** Rounds what has changed since the last search: done by itself, but for a whole table better before the first request. */
  prepare(): void {
    const { rows } = this.#source;
    if (this.#known === rows && this.#changed.size === 0) return;
    const first = this.#known;
    this.#makeRoom(rows);
    this.#known = rows;
    let fits = first > 0;
    for (let row = first; fits && row < rows; row++) fits = this.#round(row);
    for (const row of this.#changed) fits &&= this.#round(row);
    this.#changed.clear();
    if (fits) return;
    this.#measure();
    this.#mostOfRow = 0;
    for (let row = 0; row < rows; row++) this.#round(row);
  }

  /** Finds the units in which every row fits. */
  #measure(): void {
    const { dimensions, rows, numbers } = this.#source;
    this.#scales.fill(0);
    for (let row = 0, at = 0; row < rows; row++)
      for (let i = 0; i < dimensions; i++, at++) {
        const size = Math.abs(numbers[at]!);
        if (size > this.#scales[i]!) this.#scales[i] = size;
      }
    for (let i = 0; i < dimensions; i++) this.#scales[i] = (this.#scales[i]! * HEADROOM) / LARGEST;
  }

  /** @returns whether the row fits into the units */
  #round(row: number): boolean {
    const { dimensions, numbers } = this.#source;
    const table = this.#table;
    const from = row * dimensions;
    const to = row * this.#stride;
    let sum = 0;
    for (let i = 0; i < dimensions; i++) {
      const value = numbers[from + i]!;
      const rounded = value === 0 ? 0 : Math.round(value / this.#scales[i]!);
      if (!(rounded >= -LARGEST && rounded <= LARGEST)) return false;
      table[to + i] = rounded;
      sum += rounded < 0 ? -rounded : rounded;
    }
    if (sum > this.#mostOfRow) this.#mostOfRow = sum;
    return true;
  }

  #makeRoom(rows: number): void {
    const needed = this.#tableAt + rows * this.#stride;
    if (needed > this.#memory.buffer.byteLength) {
      const memory = pages(this.#known === 0 ? needed : 1.25 * needed);
      new Uint8Array(memory.buffer).set(new Uint8Array(this.#memory.buffer));
      this.#memory = memory;
      this.#kernel = createScanKernel(this.#stride, memory);
    }
    const { buffer } = this.#memory;
    this.#query = new Int16Array(buffer, 0, this.#stride);
    this.#scores = new Int32Array(buffer, this.#scoresAt, MOST_ROWS);
    this.#places = new Uint32Array(buffer, this.#scoresAt + MOST_ROWS * 4, MOST_ROWS);
    this.#list = new Uint32Array(buffer, this.#listAt, MOST_ROWS);
    this.#table = new Int8Array(buffer, this.#tableAt);
  }
}
