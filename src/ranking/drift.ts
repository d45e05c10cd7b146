import { z } from 'zod';

/** Rows of a list that are looked at while serving: of the same list they are alike, so a few say most of it. */
const LIVE_ROWS = 4;
/** Rows of a list of training, and lists, spread over all of them. */
const REFERENCE_ROWS = 20;
const MOST_LISTS = 1000;
/** Parts of equal share that a column's training values are cut into, before equal bounds fall together. */
const PARTS = 10;
/** Live rows before which nothing is said, and after which what was seen before counts half. */
const FEWEST_ROWS = 400;
const WINDOW_ROWS = 8000;

/**
 * How each input column was distributed over the lists that training validated on, made as serving makes them. Bin b of a
 * column holds values up to `bounds[b]` and above the bound before; one more bin holds the rest.
 */
export const columnReferenceSchema = z.object({
  rows: z.number().int().positive(),
  bounds: z.array(z.array(z.number())),
  counts: z.array(z.array(z.number().nonnegative())),
});
export type ColumnReference = z.infer<typeof columnReferenceSchema>;

/** Collects rows of training's lists for the reference. */
export class ReferenceRows {
  readonly #columns: number;
  readonly #rows: Float32Array[] = [];
  #lists = 0;
  #every = 1;

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** A list's matrix, all of its candidates, as serving would have made it. */
  add(features: Float32Array): void {
    const turn = this.#lists++;
    if (turn % this.#every !== 0) return;
    const own = [...rowsOf(features.length / this.#columns, turn, REFERENCE_ROWS)];
    this.#rows.push(...own.map((row) => features.slice(row * this.#columns, (row + 1) * this.#columns)));
    if (this.#rows.length < MOST_LISTS * REFERENCE_ROWS) return;
    // Half of the lists go, and from here on half as many come.
    const kept = this.#rows.filter((_, i) => Math.floor(i / REFERENCE_ROWS) % 2 === 0);
    this.#rows.splice(0, this.#rows.length, ...kept);
    this.#every *= 2;
  }

  /** `null` where there were too few rows to tell a distribution. */
  finish(): ColumnReference | null {
    const rows = this.#rows;
    if (rows.length < FEWEST_ROWS) return null;
    const bounds: number[][] = [];
    const counts: number[][] = [];
    for (let column = 0; column < this.#columns; column++) {
      const values = Float32Array.from(rows, (row) => row[column]!).sort();
      const own = boundsOf(values);
      const histogram = own.map(() => 0).concat(0);
      for (const value of values) histogram[binOf(own, value)]!++;
      bounds.push(own);
      counts.push(histogram);
    }
    return { rows: rows.length, bounds, counts };
  }
}

/** What lists are made of while serving, against training: rows of each list, the latest counting most. */
export class DriftMonitor {
  readonly #columns: readonly string[];
  readonly #reference: ColumnReference;
  readonly #counts: readonly Float64Array[];
  #rows = 0;
  #turn = 0;

  constructor(columns: readonly string[], reference: ColumnReference) {
    this.#columns = columns;
    this.#reference = reference;
    this.#counts = reference.counts.map((counts) => new Float64Array(counts.length));
  }

  /** Counts a few rows of a list that is being ranked: some microseconds. */
  observe(features: Float32Array): void {
    const width = this.#columns.length;
    for (const row of rowsOf(features.length / width, this.#turn++, LIVE_ROWS)) {
      for (let column = 0; column < width; column++) {
        this.#counts[column]![binOf(this.#reference.bounds[column]!, features[row * width + column]!)]!++;
      }
      this.#rows++;
    }
    if (this.#rows < WINDOW_ROWS) return;
    this.#rows /= 2;
    for (const counts of this.#counts) for (let bin = 0; bin < counts.length; bin++) counts[bin]! /= 2;
  }

  /** The population stability index of each column; none before enough was seen. */
  indices(): ReadonlyMap<string, number> {
    if (this.#rows < FEWEST_ROWS) return new Map();
    return new Map(this.#columns.map((name, c) => [name, stabilityIndex(this.#reference.counts[c]!, this.#counts[c]!)]));
  }
}

/**
 * Population stability index of two histograms over the same bins, Σ (q − p) ln(q / p): below .1 as good as equal, above .25
 * another distribution (Lewis 1994). Half an observation is added to each bin, so that an empty one counts for little.
 */
export function stabilityIndex(expected: ArrayLike<number>, observed: ArrayLike<number>): number {
  const share = (counts: ArrayLike<number>): ((bin: number) => number) => {
    let total = counts.length / 2;
    for (let bin = 0; bin < counts.length; bin++) total += counts[bin]!;
    return (bin) => (counts[bin]! + 0.5) / total;
  };
  const p = share(expected);
  const q = share(observed);
  let sum = 0;
  for (let bin = 0; bin < expected.length; bin++) sum += (q(bin) - p(bin)) * Math.log(q(bin) / p(bin));
  return sum;
}

/** Some rows of a list, spread over it; with every turn they move on, so that in time all places are looked at. */
function* rowsOf(rows: number, turn: number, some: number): Generator<number> {
  if (rows === 0) return;
  for (let i = 0; i < some; i++) yield (turn + Math.floor((i * rows) / some)) % rows;
}

/** Just below the smallest value, then the values that cut off each part: unequal, so that a constant has a bin of its own. */
function boundsOf(sorted: Float32Array): number[] {
  const least = sorted[0]!;
  const bounds = [least - 1e-6 * Math.max(1, Math.abs(least))];
  for (let part = 1; part < PARTS; part++) {
    const value = sorted[Math.floor((part * sorted.length) / PARTS)]!;
    if (value > bounds.at(-1)!) bounds.push(value);
  }
  return bounds;
}

function binOf(bounds: readonly number[], value: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= bounds[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}
