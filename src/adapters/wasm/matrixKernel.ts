import {
  ADD,
  AGAIN_IF,
  body,
  constant,
  END,
  F32X4_ADD,
  F32X4_MAX,
  F32X4_MULTIPLY,
  get,
  instantiate,
  LESS,
  LOOP,
  leb,
  set,
  step,
  V128_LOAD,
  V128_STORE,
  V128_ZERO,
} from './code.ts';

/** Columns of a matrix that are multiplied at once, and the most rows. */
const COLUMNS = 8;
const ROWS = 6;
/** Inputs of one turn of the loop: their number must be a multiple of it. */
const UNROLLED = 4;

const LOAD_SPLAT = [0xfd, 0x09, 0x02];

/** A dense layer's weights where the kernel finds them: an address in bytes of its memory, and the layer's shape. */
export interface PackedMatrix {
  readonly at: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** Numbers that a packed matrix takes, its bias included. */
export const packedLength = (inputs: number, outputs: number): number => (inputs + 1) * outputs;

/**
 * Lays out weights (row-major [inputs × outputs]) as the kernel reads them: eight columns after eight columns, the bias of each
 * eight before their weights. @param inputs a multiple of 4, outputs of 8
 */
export function packMatrix(weights: Float32Array, bias: Float32Array, inputs: number, out: Float32Array): void {
  const outputs = bias.length;
  for (let from = 0, at = 0; from < outputs; from += COLUMNS) {
    for (let column = 0; column < COLUMNS; column++) out[at++] = bias[from + column]!;
    for (let row = 0; row < inputs; row++)
      for (let column = 0; column < COLUMNS; column++) out[at++] = weights[row * outputs + from + column]!;
  }
}

/**
 * `y = x·W + b`, or what of it is above zero, for rows of 32-bit floats at addresses in bytes; a row lies `inputs` and `outputs`
 * numbers behind another.
 */
export type Multiply = (x: number, rows: number, matrix: PackedMatrix, y: number) => void;

/** Four products an instruction. Sums run over the inputs in their order, in single precision. */
export function createMultiply(memory: WebAssembly.Memory, { relu = false } = {}): Multiply {
  const made = new Map<number, readonly Kernel[]>();
  return (x, rows, { at, inputs, outputs }, y) => {
    let kernels = made.get(inputs);
    if (kernels === undefined) {
      kernels = createKernels(memory, inputs, relu);
      made.set(inputs, kernels);
    }
    const panel = 4 * COLUMNS * (inputs + 1);
    // A panel stays in the first cache while all rows are multiplied with it.
    for (let column = 0, weights = at; column < outputs; column += COLUMNS, weights += panel)
      for (let row = 0; row < rows; row += ROWS)
        kernels[Math.min(ROWS, rows - row) - 1]!(x + 4 * row * inputs, weights, y + 4 * (row * outputs + column), 4 * outputs);
  };
}

type Kernel = (x: number, weights: number, y: number, yStride: number) => void;

/** For one to `ROWS` rows of that many numbers. */
function createKernels(memory: WebAssembly.Memory, inputs: number, relu: boolean): readonly Kernel[] {
  const counts = Array.from({ length: ROWS }, (_, i) => i + 1);
  const written = counts.map(
    (rows) => [`rows${rows}`, { parameters: 4, results: 0, body: eightColumns(rows, inputs, relu) }] as const,
  );
  return Object.values(instantiate(memory, Object.fromEntries(written)));
}

/** Eight columns of some rows: every sum in a register. */
function eightColumns(rows: number, inputs: number, relu: boolean): number[] {
  const [x, weights, y, yStride, end] = [0, 1, 2, 3, 4];
  const sum = (row: number, half: number) => 5 + 2 * row + half;
  const [left, right, value] = [5 + 2 * rows, 6 + 2 * rows, 7 + 2 * rows];
  const code: number[] = [...get(x), ...constant(4 * inputs), ADD, ...set(end)];
  for (let row = 0; row < rows; row++)
    for (const half of [0, 1]) code.push(...get(weights), ...V128_LOAD, ...leb(16 * half), ...set(sum(row, half)));
  code.push(...step(weights, 4 * COLUMNS), ...LOOP);
  for (let i = 0; i < UNROLLED; i++) {
    code.push(...get(weights), ...V128_LOAD, ...leb(4 * COLUMNS * i), ...set(left));
    code.push(...get(weights), ...V128_LOAD, ...leb(4 * COLUMNS * i + 16), ...set(right));
    for (let row = 0; row < rows; row++) {
      code.push(...get(x), ...LOAD_SPLAT, ...leb(4 * (row * inputs + i)), ...set(value));
      for (const half of [0, 1])
        code.push(...get(value), ...get(half === 0 ? left : right), ...F32X4_MULTIPLY, ...get(sum(row, half)), ...F32X4_ADD);
      code.push(...set(sum(row, 1)), ...set(sum(row, 0)));
    }
  }
  code.push(...step(weights, 4 * COLUMNS * UNROLLED), ...step(x, 4 * UNROLLED));
  code.push(...get(x), ...get(end), LESS, ...AGAIN_IF, END);
  for (let row = 0; row < rows; row++) {
    for (const half of [0, 1]) {
      const kept = relu ? [...V128_ZERO, ...F32X4_MAX] : [];
      code.push(...get(y), ...get(sum(row, half)), ...kept, ...V128_STORE, ...leb(16 * half));
    }
    code.push(...get(y), ...get(yStride), ADD, ...set(y));
  }
  return body({ i32: 1, v128: 2 * rows + 3 }, code);
}
