const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Adam's two running means for one array of weights. */
export interface AdamState {
  readonly weights: Float32Array;
  readonly mean: Float32Array;
  readonly square: Float32Array;
}

export const adamState = (weights: Float32Array): AdamState => ({
  weights,
  mean: new Float32Array(weights.length),
  square: new Float32Array(weights.length),
});

/** Step `t` (from 1) of Adam on `length` weights from `at`, with decoupled decay (Kingma and Ba 2015; Loshchilov and Hutter 2019). */
export function adamStep(
  state: AdamState,
  at: number,
  gradient: Float32Array,
  gradientAt: number,
  length: number,
  step: { t: number; rate: number; decay: number },
): void {
  const { weights, mean, square } = state;
  const rate = (step.rate * Math.sqrt(1 - BETA2 ** step.t)) / (1 - BETA1 ** step.t);
  const keep = 1 - step.rate * step.decay;
  for (let j = 0; j < length; j++) {
    const g = gradient[gradientAt + j]!;
    const i = at + j;
    const m = BETA1 * mean[i]! + (1 - BETA1) * g;
    const v = BETA2 * square[i]! + (1 - BETA2) * g * g;
    mean[i] = m;
    square[i] = v;
    weights[i] = keep * weights[i]! - (rate * m) / (Math.sqrt(v) + EPSILON);
  }
}

/**
 * Gradients of some rows of a table, summed by row: a step touches few of an embedding table's rows, and only those pay for
 * the update. TensorFlow.js has no sparse optimiser.
 */
export class RowGradients {
  readonly rows: number[] = [];
  readonly width: number;
  readonly #slots: Int32Array;
  #sums: Float32Array;

  constructor(tableRows: number, width: number) {
    this.width = width;
    this.#slots = new Int32Array(tableRows).fill(-1);
    this.#sums = new Float32Array(64 * width);
  }

  get sums(): Float32Array {
    return this.#sums;
  }

  /** Adds `scale × source[at…]` to the row's gradient. */
  add(row: number, source: Float32Array, at: number, scale = 1): void {
    const { width } = this;
    let slot = this.#slots[row]!;
    if (slot < 0) {
      slot = this.rows.length;
      this.#slots[row] = slot;
      this.rows.push(row);
      if ((slot + 1) * width > this.#sums.length) {
        const larger = new Float32Array(this.#sums.length * 2);
        larger.set(this.#sums);
        this.#sums = larger;
      }
      this.#sums.fill(0, slot * width, (slot + 1) * width);
    }
    const sums = this.#sums;
    const to = slot * width;
    for (let j = 0; j < width; j++) sums[to + j]! += scale * source[at + j]!;
  }

  /** Steps every touched row but those to skip, and forgets the gradients. */
  apply(state: AdamState, step: { t: number; rate: number; decay: number }, skip: (row: number) => boolean = () => false): void {
    for (let slot = 0; slot < this.rows.length; slot++) {
      const row = this.rows[slot]!;
      if (!skip(row)) adamStep(state, row * this.width, this.#sums, slot * this.width, this.width, step);
      this.#slots[row] = -1;
    }
    this.rows.length = 0;
  }
}
