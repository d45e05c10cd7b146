import { PAGE, pages } from '../wasm/pages.ts';
import { createPoolKernel, LANES, type PoolKernel } from './poolKernel.ts';

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
  const bench = benchFor(d);
  const row = bench.put(rows);
  const position = bench.put(positions);
  const out = bench.zeros(last.length * d);
  for (let t = 0; t < last.length; t++) {
    if (length[t]! > 0) bench.kernel.forward(row + last[t]! * bench.bytes, position, out + t * bench.bytes, length[t]!);
  }
  return bench.read(out, last.length * d);
}

/** Gradients of `poolForward` by its rows and its position weights. */
export function poolBackward(
  gradient: Float32Array,
  rows: Float32Array,
  positions: Float32Array,
  { last, length }: HistoryWindows,
  d: number,
): { rows: Float32Array; positions: Float32Array } {
  const bench = benchFor(d);
  const { bytes, kernel } = bench;
  const row = bench.put(rows);
  const position = bench.put(positions);
  const by = bench.put(gradient);
  const byRow = bench.zeros(rows.length);
  const byPosition = bench.zeros(positions.length);
  for (let t = 0; t < last.length; t++) {
    const from = last[t]! * bytes;
    if (length[t]! > 0) kernel.backward(row + from, position, by + t * bytes, byRow + from, byPosition, length[t]!);
  }
  return { rows: bench.read(byRow, rows.length), positions: bench.read(byPosition, positions.length) };
}

const benches = new Map<number, Bench>();

/** Empty. One for each width is enough: nothing here awaits. */
function benchFor(d: number): Bench {
  const bench = benches.get(d) ?? new Bench(d);
  benches.set(d, bench);
  bench.clear();
  return bench;
}

/** Matrices of one width where the kernel reads them, their rows padded with zeros. */
class Bench {
  readonly kernel: PoolKernel;
  /** Length of a row. */
  readonly bytes: number;
  readonly #width: number;
  readonly #memory = pages(1);
  #end = 0;

  constructor(width: number) {
    const stride = Math.ceil(width / LANES) * LANES;
    this.#width = width;
    this.bytes = 4 * stride;
    this.kernel = createPoolKernel(stride, this.#memory);
  }

  clear(): void {
    this.#end = 0;
  }

  /** A matrix of so many numbers, all zero. @returns its address */
  zeros(length: number): number {
    const at = this.#end;
    this.#end += (length / this.#width) * this.bytes;
    const missing = this.#end - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    this.#view(at, this.#end).fill(0);
    return at;
  }

  /** @returns the copy's address */
  put(matrix: Float32Array): number {
    const at = this.zeros(matrix.length);
    const view = this.#view(at, this.#end);
    const stride = this.bytes / 4;
    if (stride === this.#width) view.set(matrix);
    else for (let i = 0; i < matrix.length; i++) view[Math.floor(i / this.#width) * stride + (i % this.#width)] = matrix[i]!;
    return at;
  }

  read(at: number, length: number): Float32Array {
    const stride = this.bytes / 4;
    const view = this.#view(at, at + (length / this.#width) * this.bytes);
    return stride === this.#width ? view.slice() : view.filter((_, i) => i % stride < this.#width);
  }

  #view(from: number, to: number): Float32Array {
    return new Float32Array(this.#memory.buffer, from, (to - from) / 4);
  }
}
