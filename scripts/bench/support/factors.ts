import { normal } from '../../../data/demo/tastes.ts';
import type { Random } from '../../../src/domain/random.ts';

/** Vectors of rows and columns, row-major, each dimension with mean square 1 over the rows, and over the columns. */
export interface Factors {
  readonly rows: Float64Array;
  readonly columns: Float64Array;
  /** How many columns there are. */
  readonly size: number;
}

const ROUNDS = 12;

/** Inner product of two rows of matrices of that width. */
export function dotAt(a: Float64Array, i: number, b: Float64Array, j: number, width: number): number {
  let sum = 0;
  for (let d = 0; d < width; d++) sum += a[i * width + d]! * b[j * width + d]!;
  return sum;
}

/**
 * The strongest dimensions of who goes with what, beyond how much there is of each: subspace iteration on the matrix of ones,
 * each over the root of its row's and its column's number of them, without the first dimension, which tells those numbers.
 */
export function factorise(
  entries: readonly (readonly number[])[],
  { columns: size, dimensions, random }: { readonly columns: number; readonly dimensions: number; readonly random: Random },
): Factors {
  const width = dimensions + 1;
  const counts = new Float64Array(size);
  for (const own of entries) for (const column of own) counts[column]!++;
  const weight = (row: number, column: number): number => 1 / Math.sqrt(entries[row]!.length * counts[column]!);
  const columns = Float64Array.from({ length: size * width }, () => normal(random));
  const rows = new Float64Array(entries.length * width);
  for (let round = 0; round < ROUNDS; round++) {
    multiply(entries, (row, column, value) => addRow(rows, row, columns, column, value, width), rows, weight);
    orthonormalise(rows, width);
    multiply(entries, (row, column, value) => addRow(columns, column, rows, row, value, width), columns, weight);
    orthonormalise(columns, width);
  }
  return { rows: withoutFirst(rows, width), columns: withoutFirst(columns, width), size };
}

function multiply(
  entries: readonly (readonly number[])[],
  add: (row: number, column: number, value: number) => void,
  into: Float64Array,
  weight: (row: number, column: number) => number,
): void {
  into.fill(0);
  entries.forEach((own, row) => {
    for (const column of own) add(row, column, weight(row, column));
  });
}

function addRow(into: Float64Array, i: number, from: Float64Array, j: number, value: number, width: number): void {
  for (let d = 0; d < width; d++) into[i * width + d]! += value * from[j * width + d]!;
}

/** Gram and Schmidt over the matrix's columns, each brought to mean square 1. */
function orthonormalise(matrix: Float64Array, width: number): void {
  const height = matrix.length / width;
  for (let d = 0; d < width; d++) {
    for (let before = 0; before < d; before++) {
      let product = 0;
      for (let i = 0; i < height; i++) product += matrix[i * width + d]! * matrix[i * width + before]!;
      for (let i = 0; i < height; i++) matrix[i * width + d]! -= (product / height) * matrix[i * width + before]!;
    }
    let square = 0;
    for (let i = 0; i < height; i++) square += matrix[i * width + d]! ** 2;
    const scale = Math.sqrt(height / Math.max(1e-12, square));
    for (let i = 0; i < height; i++) matrix[i * width + d]! *= scale;
  }
}

const withoutFirst = (matrix: Float64Array, width: number): Float64Array => matrix.filter((_, i) => i % width !== 0);
