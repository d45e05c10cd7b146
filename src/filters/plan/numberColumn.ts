import { Bitset } from '../bitset.ts';

/** Bounds of a range; `undefined` is open. */
export interface Range {
  readonly from?: number;
  readonly fromInclusive?: boolean;
  readonly to?: number;
  readonly toInclusive?: boolean;
}

/**
 * A numeric field sorted by value, with the rows that changed since the last sort beside it. NaN, which no comparison holds
 * for, is kept out of the order.
 */
export class NumberColumn {
  #values = new Float64Array(0);
  #sortedRows = new Uint32Array(0);
  #sortedValues = new Float64Array(0);
  /** The sorted rows as a set. */
  #sorted = new Bitset(0);
  /** Rows whose entry in the sorted part is missing or no longer true. */
  #changed = new Set<number>();

  /** @param value NaN where the row has none */
  update(row: number, value: number): void {
    if (row >= this.#values.length) {
      const grown = new Float64Array(Math.max(row + 1, this.#values.length * 2, 64)).fill(Number.NaN);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[row] = value;
    this.#changed.add(row);
  }

  /** Sorts again when enough has changed to be worth it. Done before the column is read, and better after many updates. */
  settle(): void {
    if (this.#changed.size <= 512 + (this.#sortedRows.length >>> 4)) return;
    const values = this.#values;
    const fresh = Uint32Array.from(this.#changed)
      .filter((row) => !Number.isNaN(values[row]))
      .sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
    const kept = this.#sortedRows.filter((row) => !this.#changed.has(row));
    const rows = new Uint32Array(kept.length + fresh.length);
    for (let i = 0, k = 0, f = 0; i < rows.length; i++) {
      const nextKept = k < kept.length ? (values[kept[k] ?? 0] ?? 0) : Number.POSITIVE_INFINITY;
      const nextFresh = f < fresh.length ? (values[fresh[f] ?? 0] ?? 0) : Number.POSITIVE_INFINITY;
      rows[i] = f >= fresh.length || (k < kept.length && nextKept <= nextFresh) ? (kept[k++] ?? 0) : (fresh[f++] ?? 0);
    }
    this.#sortedRows = rows;
    this.#sortedValues = Float64Array.from(rows, (row) => values[row] ?? Number.NaN);
    this.#sorted = new Bitset(rows.reduce((most, row) => Math.max(most, row + 1), 0));
    this.#sorted.addAll(rows);
    this.#changed = new Set();
  }

  /** Adds the rows whose value lies in the range. */
  fill(range: Range, into: Bitset): void {
    this.settle();
    const { from, fromInclusive = true, to, toInclusive = true } = range;
    const start = from === undefined ? 0 : this.#position(from, !fromInclusive);
    const rows = this.#sortedRows;
    const end = to === undefined ? rows.length : this.#position(to, toInclusive);
    const changed = this.#changed;
    if (end - start > rows.length / 2) into.or(this.#allBut(start, end));
    else if (changed.size === 0) into.addAll(rows, start, end);
    else
      for (let i = start; i < end; i++) {
        const row = rows[i] ?? 0;
        if (!changed.has(row)) into.add(row);
      }
    for (const row of changed) {
      const value = this.#values[row] ?? Number.NaN;
      const above = from === undefined ? !Number.isNaN(value) : fromInclusive ? value >= from : value > from;
      const below = to === undefined ? !Number.isNaN(value) : toInclusive ? value <= to : value < to;
      if (above && below) into.add(row);
    }
  }

  /** Most of the sorted rows: without those before `start`, those from `end` on, and those that changed. */
  #allBut(start: number, end: number): Bitset {
    const set = this.#sorted.clone();
    set.deleteAll(this.#sortedRows, 0, start);
    set.deleteAll(this.#sortedRows, end);
    for (const row of this.#changed) set.delete(row);
    return set;
  }

  /** The different values, unless there are more than `limit`. */
  distinct(limit: number): number[] | undefined {
    this.settle();
    const found = new Set<number>();
    for (const row of this.#changed) {
      const value = this.#values[row] ?? Number.NaN;
      if (!Number.isNaN(value)) found.add(value);
    }
    const sorted = this.#sortedValues;
    for (let i = 0; i < sorted.length && found.size <= limit; ) {
      const value = sorted[i] ?? 0;
      found.add(value);
      i = this.#position(value, true);
    }
    return found.size > limit ? undefined : [...found];
  }

  /** First place in the order whose value is at least `value`, or, `after`, above it. */
  #position(value: number, after: boolean): number {
    const sorted = this.#sortedValues;
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = sorted[middle] ?? 0;
      if (at < value || (after && at === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
