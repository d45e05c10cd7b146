import { createMultiply, packedLength } from '../../kernels/matrixKernel.ts';
import { COLUMNS } from '../../kernels/tile.ts';

/** A kernel is made for each length that texts are padded to: multiples of `COLUMNS` while they are short, then of so many. */
const STEP = 32;
const padded = (length: number): number => {
  const to = length < STEP ? COLUMNS : STEP;
  return Math.ceil(length / to) * to;
};

interface AttentionShape {
  /** Rows of a text, at most. */
  readonly rows: number;
  /** Widest part of a row that a head sees, a multiple of 8. */
  readonly size: number;
}

/** Bytes that attention works in. */
export const attentionRoom = ({ rows, size }: AttentionShape): number => {
  const most = padded(rows);
  return 4 * (2 * most * size + most * most + packedLength(size, most) + packedLength(most, size));
};

/**
 * Scaled dot-product attention within the `length` rows of one text from row `from` on. Rows of `queryKeyValue` hold queries, keys
 * and values one after another, each of them `width` numbers, head by head.
 */
export type Attend = (queryKeyValue: Float32Array, to: Float32Array, from: number, length: number, width: number) => void;

/** @param room where `attentionRoom` bytes are free */
export function createAttention(memory: WebAssembly.Memory, room: number, shape: AttentionShape, heads: number): Attend {
  const multiply = createMultiply(memory);
  const most = padded(shape.rows);
  let end = room;
  const take = (numbers: number): Float32Array => {
    const taken = new Float32Array(memory.buffer, end, numbers);
    end += 4 * numbers;
    return taken;
  };
  const queries = take(most * shape.size);
  const blended = take(most * shape.size);
  const weights = take(most * most);
  const keys = take(packedLength(shape.size, most));
  const values = take(packedLength(most, shape.size));

  return (queryKeyValue, to, from, length, width) => {
    const size = width / heads;
    const columns = padded(length);
    for (let head = 0; head < heads; head++) {
      const part = (which: number): Part => {
        const start = from * 3 * width + which * width + head * size;
        return { data: queryKeyValue, start, stride: 3 * width, length, size };
      };
      packQueries(part(0), queries);
      packKeys(part(1), columns, keys);
      packValues(part(2), columns, values);
      multiply(queries.byteOffset, length, { at: keys.byteOffset, inputs: size, outputs: columns }, weights.byteOffset);
      for (let row = 0; row < length; row++) softmax(weights, row * columns, length, columns, 1 / Math.sqrt(size));
      multiply(weights.byteOffset, length, { at: values.byteOffset, inputs: columns, outputs: size }, blended.byteOffset);
      for (let row = 0; row < length; row++)
        to.set(blended.subarray(row * size, (row + 1) * size), (from + row) * width + head * size);
    }
  };
}

/** The queries, keys or values of one head: `length` rows of `size` numbers, which begin `stride` numbers one after another. */
interface Part {
  readonly data: Float32Array;
  readonly start: number;
  readonly stride: number;
  readonly length: number;
  readonly size: number;
}

function packQueries({ data, start, stride, length, size }: Part, out: Float32Array): void {
  for (let row = 0, at = start; row < length; row++, at += stride) out.set(data.subarray(at, at + size), row * size);
}

/** Lays keys out as a packed matrix's columns, those that are missing as zeros. */
function packKeys({ data, start, stride, length, size }: Part, columns: number, out: Float32Array): void {
  for (let column = 0; column < columns; column++) {
    const from = start + column * stride;
    const to = Math.floor(column / COLUMNS) * (size + 1) * COLUMNS + (column % COLUMNS);
    out[to] = 0;
    for (let j = 0; j < size; j++) out[to + (j + 1) * COLUMNS] = column < length ? data[from + j]! : 0;
  }
}

/** Lays values out as a packed matrix's rows, those that are missing as zeros. */
function packValues({ data, start, stride, length, size }: Part, rows: number, out: Float32Array): void {
  for (let first = 0, to = 0; first < size; first += COLUMNS) {
    out.fill(0, to, to + COLUMNS);
    to += COLUMNS;
    for (let row = 0; row < rows; row++) {
      const from = start + row * stride + first;
      for (let j = 0; j < COLUMNS; j++) out[to++] = row < length ? data[from + j]! : 0;
    }
  }
}

/** Makes `length` scores shares of one; what is behind them up to `columns` becomes zero. */
function softmax(scores: Float32Array, from: number, length: number, columns: number, scale: number): void {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = from; i < from + length; i++) if (scores[i]! > most) most = scores[i]!;
  let total = 0;
  for (let i = from; i < from + length; i++) {
    const share = Math.exp((scores[i]! - most) * scale);
    scores[i] = share;
    total += share;
  }
  for (let i = from; i < from + length; i++) scores[i]! /= total;
  scores.fill(0, from + length, from + columns);
}
