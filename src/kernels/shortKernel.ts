import {
  AGAIN_IF,
  body,
  DOT_I16X8,
  END,
  F32X4_ABSOLUTE,
  F32X4_ADD,
  F32X4_FROM_I32X4,
  F32X4_MAX,
  F32X4_MULTIPLY,
  F32X4_NEAREST,
  get,
  I16X8_NARROW,
  I32X4_ADD,
  I32X4_FROM_F32X4,
  instantiate,
  LOAD_SPLAT,
  LOOP,
  leb,
  set,
  step,
  V128_LOAD,
  V128_STORE,
  V128_ZERO,
} from './code.ts';
import { type Arithmetic, COLUMNS, createMultiplyPanels, type MultiplyPanels } from './tile.ts';

/** What a weight is rounded to: the largest of a column is so many units. */
const MOST_WEIGHT = 2047;
const MOST_SUM = 2 ** 31 - 1;
const MOST_SHORT = 32_767;
/** Numbers that rows are read by: widths must be multiples of it. */
const LANES = 8;

/** A dense layer's weights in 16 bits, where the kernel finds them. */
export interface ShortMatrix {
  readonly at: number;
  readonly inputs: number;
  readonly outputs: number;
  /** What a row's largest number may be rounded to without a sum that overflows. */
  readonly most: number;
}

/** Bytes that a packed matrix takes, with the bias and the unit of each column. */
export const shortMatrixBytes = (inputs: number, outputs: number): number => outputs * (8 + 2 * inputs);

/**
 * Lays out weights (row-major [inputs × outputs]) as the kernel reads them: of eight columns after eight columns the biases, the
 * units and the weights, two inputs side by side. @param inputs a multiple of 8, as outputs
 */
export function packShortMatrix(
  weights: Float32Array,
  bias: Float32Array,
  inputs: number,
  buffer: ArrayBufferLike,
  at: number,
): ShortMatrix {
  const outputs = bias.length;
  const panel = COLUMNS * (8 + 2 * inputs);
  let mostSum = 1;
  for (let from = 0; from < outputs; from += COLUMNS) {
    const start = at + (from / COLUMNS) * panel;
    const header = new Float32Array(buffer, start, 2 * COLUMNS);
    const shorts = new Int16Array(buffer, start + 8 * COLUMNS, COLUMNS * inputs);
    for (let column = 0; column < COLUMNS; column++) {
      let largest = 0;
      for (let row = 0; row < inputs; row++) largest = Math.max(largest, Math.abs(weights[row * outputs + from + column]!));
      const unit = largest / MOST_WEIGHT || 1;
      header[column] = bias[from + column]!;
      header[COLUMNS + column] = unit;
      let sum = 0;
      for (let row = 0; row < inputs; row++) {
        const rounded = Math.round(weights[row * outputs + from + column]! / unit);
        shorts[(row >> 1) * 2 * COLUMNS + 2 * column + (row & 1)] = rounded;
        sum += Math.abs(rounded);
      }
      mostSum = Math.max(mostSum, sum);
    }
  }
  return { at, inputs, outputs, most: Math.min(MOST_SHORT, Math.floor(MOST_SUM / mostSum)) };
}

/** Bytes that the kernel works in, for so many rows of so many numbers at most. */
export const shortRoom = (rows: number, width: number): number => 16 + 4 * rows + 2 * rows * width;

/** `y = x·W + b` for rows of 32-bit floats at addresses in bytes; a row lies `inputs` and `outputs` numbers behind another. */
export type MultiplyShorts = (x: number, rows: number, matrix: ShortMatrix, y: number) => void;

export interface ShortKernel {
  readonly multiply: MultiplyShorts;
  /** What of it is above zero. */
  readonly rectify: MultiplyShorts;
}

/**
 * Eight products an instruction: rows are rounded to whole numbers by a unit of their own, as the columns of the weights are, and
 * sums of products are exact in 32 bits. Results are off by about 0.0005 of their size.
 * @param room where `shortRoom` bytes are free
 */
export function createShortKernel(memory: WebAssembly.Memory, room: number, rows: number): ShortKernel {
  const { largest, round } = instantiate(memory, {
    largest: { parameters: 3, results: 0, body: largestOf() },
    round: { parameters: 4, results: 0, body: roundTo() },
  });
  const scratch = room;
  const scales = room + 16;
  const rounded = scales + 4 * rows;
  const roundRows = (x: number, count: number, { inputs, most }: ShortMatrix): void => {
    const lanes = new Float32Array(memory.buffer, scratch, 4);
    const units = new Float32Array(memory.buffer, scales, count);
    for (let row = 0; row < count; row++) {
      largest(x + 4 * inputs * row, scratch, inputs / 4);
      const size = Math.max(lanes[0]!, lanes[1]!, lanes[2]!, lanes[3]!);
      lanes[0] = size === 0 ? 0 : most / size;
      units[row] = size / most;
      round(x + 4 * inputs * row, rounded + 2 * inputs * row, scratch, inputs / LANES);
    }
  };
  const multiplyWith = (arithmetic: Arithmetic): MultiplyShorts => {
    const made = new Map<number, MultiplyPanels>();
    return (x, count, matrix, y) => {
      let multiply = made.get(matrix.inputs);
      if (multiply === undefined) {
        multiply = createMultiplyPanels(memory, matrix.inputs / 2, arithmetic);
        made.set(matrix.inputs, multiply);
      }
      roundRows(x, count, matrix);
      multiply(rounded, count, matrix.at, matrix.outputs, y, scales);
    };
  };
  return { multiply: multiplyWith(shorts(false)), rectify: multiplyWith(shorts(true)) };
}

const shorts = (relu: boolean): Arithmetic => ({
  header: 8 * COLUMNS,
  begin: () => V128_ZERO,
  add: (sum) => [...DOT_I16X8, ...sum, ...I32X4_ADD],
  finish: (row, half, { panel, scales }) => [
    ...F32X4_FROM_I32X4,
    ...[...get(scales), ...LOAD_SPLAT, ...leb(4 * row), ...F32X4_MULTIPLY],
    ...[...get(panel), ...V128_LOAD, ...leb(4 * COLUMNS + 16 * half), ...F32X4_MULTIPLY],
    ...[...get(panel), ...V128_LOAD, ...leb(16 * half), ...F32X4_ADD],
    ...(relu ? [...V128_ZERO, ...F32X4_MAX] : []),
  ],
});

/** The largest numbers of a row without their sign, of every fourth one each. */
function largestOf(): number[] {
  const [row, out, left, most] = [0, 1, 2, 3] as const;
  return body({ i32: 0, v128: 1 }, [
    ...LOOP,
    ...[...get(most), ...get(row), ...V128_LOAD, 0x00, ...F32X4_ABSOLUTE, ...F32X4_MAX, ...set(most)],
    ...[...step(row, 16), ...step(left, -1), ...get(left), ...AGAIN_IF, END],
    ...[...get(out), ...get(most), ...V128_STORE, 0x00],
  ]);
}

/** A row's numbers times the one at `factor`, as whole numbers of 16 bits. */
function roundTo(): number[] {
  const [row, out, factor, left] = [0, 1, 2, 3] as const;
  const four = (offset: number): number[] => [
    ...[...get(row), ...V128_LOAD, ...leb(offset), ...get(factor), ...LOAD_SPLAT, 0x00, ...F32X4_MULTIPLY],
    ...[...F32X4_NEAREST, ...I32X4_FROM_F32X4],
  ];
  return body({ i32: 0, v128: 0 }, [
    ...LOOP,
    ...[...get(out), ...four(0), ...four(16), ...I16X8_NARROW, ...V128_STORE, 0x00],
    ...[...step(row, 32), ...step(out, 16), ...step(left, -1), ...get(left), ...AGAIN_IF, END],
  ]);
}
