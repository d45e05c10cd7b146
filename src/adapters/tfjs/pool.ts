import { KernelMemory, rowBytes } from '../../kernels/kernelMemory.ts';
import { createPoolKernel, type PoolKernel } from './poolKernel.ts';

/**
 * For each of a batch's targets, the rows of the item matrix before it: `length` rows that end with row `last`. No two
 * targets end with the same row.
 */
export interface HistoryWindows {
  readonly last: Int32Array;
  readonly length: Int32Array;
}

/** out[t] = Σ_k positions[k] ⊙ rows[last[t] − k]: causal pooling with a weight for each age and dimension. */
export function poolForward(
  rows: Float32Array,
  positions: Float32Array,
  { last, length }: HistoryWindows,
  d: number,
): Float32Array {
  const kernel = kernelFor(d);
  const bytes = rowBytes(d);
  const row = memory.put(rows, d);
  const position = memory.put(positions, d);
  const out = memory.zeros(last.length * d, d);
  for (let t = 0; t < last.length; t++) {
    if (length[t]! > 0) kernel.forward(row + last[t]! * bytes, position, out + t * bytes, length[t]!);
  }
  return memory.read(out, last.length * d, d);
}

/** Gradients of `poolForward` by its rows and its position weights. */
export function poolBackward(
  gradient: Float32Array,
  rows: Float32Array,
  positions: Float32Array,
  { last, length }: HistoryWindows,
  d: number,
): { rows: Float32Array; positions: Float32Array } {
  const kernel = kernelFor(d);
  const bytes = rowBytes(d);
  const row = memory.put(rows, d);
  const position = memory.put(positions, d);
  const by = memory.put(gradient, d);
  const byRow = memory.zeros(rows.length, d);
  const byPosition = memory.zeros(positions.length, d);
  for (let t = 0; t < last.length; t++) {
    const from = last[t]! * bytes;
    if (length[t]! > 0) kernel.backward(row + from, position, by + t * bytes, byRow + from, byPosition, length[t]!);
  }
  return { rows: memory.read(byRow, rows.length, d), positions: memory.read(byPosition, positions.length, d) };
}

/** One memory, and one kernel for each width, are enough: nothing here awaits. */
const memory = new KernelMemory();
const kernels = new Map<number, PoolKernel>();

function kernelFor(d: number): PoolKernel {
  const kernel = kernels.get(d) ?? createPoolKernel(rowBytes(d), memory.memory);
  kernels.set(d, kernel);
  memory.clear();
  return kernel;
}
