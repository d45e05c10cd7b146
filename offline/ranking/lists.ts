import type { RankerLists } from '../../src/ports/training.ts';

/** A row of a list that is taught, and how many rows of that list it stands for. */
export interface SampledRow {
  readonly row: number;
  readonly standsFor: number;
}

/** Every row of a list, each for itself. */
export const wholeList = (size: number): SampledRow[] => Array.from({ length: size }, (_, row) => ({ row, standsFor: 1 }));

/** Lists as they are collected: a column-major world would copy less, but steps take whole rows. */
export class ListCollector {
  readonly columns: number;
  #features: Float32Array;
  #labels: number[] = [];
  #standsFor: number[] = [];
  #offsets: number[] = [0];

  /** @param rows as many as are expected: memory is taken as they come, and not a second time while it grows */
  constructor(columns: number, rows = 1024) {
    this.columns = columns;
    this.#features = new Float32Array(rows * columns);
  }

  get lists(): number {
    return this.#offsets.length - 1;
  }

  get numbers(): number {
    return this.#labels.length * this.columns;
  }

  /** Adds a list: the chosen rows of a matrix, with their gains, and how many rows each stands for. */
  add(matrix: Float32Array, gains: ArrayLike<number>, chosen: Iterable<SampledRow>): void {
    for (const { row, standsFor } of chosen) {
      const at = this.numbers;
      if (at + this.columns > this.#features.length) {
        const larger = new Float32Array(this.#features.length * 2);
        larger.set(this.#features);
        this.#features = larger;
      }
      this.#features.set(matrix.subarray(row * this.columns, (row + 1) * this.columns), at);
      this.#labels.push(gains[row]!);
      this.#standsFor.push(standsFor);
    }
    this.#offsets.push(this.#labels.length);
  }

  /** What was collected so far; more may follow. */
  finish(): RankerLists {
    return {
      columns: this.columns,
      offsets: Int32Array.from(this.#offsets),
      features: this.#features.subarray(0, this.numbers),
      labels: Float32Array.from(this.#labels),
      standsFor: Float32Array.from(this.#standsFor),
    };
  }
}

/** Several collections of the same columns as one. */
export function concatenate(parts: readonly RankerLists[]): RankerLists {
  const columns = parts[0]?.columns ?? 0;
  const features = new Float32Array(parts.reduce((sum, part) => sum + part.features.length, 0));
  const labels = new Float32Array(parts.reduce((sum, part) => sum + part.labels.length, 0));
  const standsFor = new Float32Array(labels.length).fill(1);
  const offsets = [0];
  let rows = 0;
  for (const part of parts) {
    features.set(part.features, rows * columns);
    labels.set(part.labels, rows);
    if (part.standsFor !== undefined) standsFor.set(part.standsFor, rows);
    for (let list = 1; list < part.offsets.length; list++) offsets.push(rows + part.offsets[list]!);
    rows += part.labels.length;
  }
  return { columns, offsets: Int32Array.from(offsets), features, labels, standsFor };
}
