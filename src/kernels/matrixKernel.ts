import { F32X4_ADD, F32X4_MAX, F32X4_MULTIPLY, get, leb, V128_LOAD, V128_ZERO } from './code.ts';
import { type Arithmetic, COLUMNS, createMultiplyPanels, type MultiplyPanels } from './tile.ts';

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

/** Puts a layer [rows × bias.length] where a kernel of that memory finds it, its missing inputs and outputs filled with zeros. */
export function loadMatrix(memory: WebAssembly.Memory, matrix: PackedMatrix, weights: Float32Array, bias: Float32Array): void {
  const { at, inputs, outputs } = matrix;
  const width = bias.length;
  const whole = new Float32Array(inputs * outputs);
  for (let row = 0; row * width < weights.length; row++)
    whole.set(weights.subarray(row * width, (row + 1) * width), row * outputs);
  const shifts = new Float32Array(outputs);
  shifts.set(bias);
  packMatrix(whole, shifts, inputs, new Float32Array(memory.buffer, at, packedLength(inputs, outputs)));
}

/**
 * `y = x·W + b`, or what of it is above zero, for rows of 32-bit floats at addresses in bytes; a row lies `inputs` and `outputs`
 * numbers behind another.
 */
export type Multiply = (x: number, rows: number, matrix: PackedMatrix, y: number) => void;

/** Four products an instruction. Sums run over the inputs in their order, in single precision. */
export function createMultiply(memory: WebAssembly.Memory, { relu = false } = {}): Multiply {
  const arithmetic = floats(relu);
  const made = new Map<number, MultiplyPanels>();
  return (x, rows, { at, inputs, outputs }, y) => {
    let multiply = made.get(inputs);
    if (multiply === undefined) {
      multiply = createMultiplyPanels(memory, inputs, arithmetic);
      made.set(inputs, multiply);
    }
    multiply(x, rows, at, outputs, y, 0);
  };
}

const floats = (relu: boolean): Arithmetic => ({
  header: 4 * COLUMNS,
  begin: (half, { panel }) => [...get(panel), ...V128_LOAD, ...leb(16 * half)],
  add: (sum) => [...F32X4_MULTIPLY, ...sum, ...F32X4_ADD],
  finish: () => (relu ? [...V128_ZERO, ...F32X4_MAX] : []),
});
