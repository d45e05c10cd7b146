/**
 * Least squares with ridge in a few dimensions, gathered row by row: the normal equations `(Σ xxᵀ + held·I) w = Σ x·y`, solved by
 * Cholesky's decomposition.
 */
export class Ridge {
  readonly #width: number;
  readonly #matrix: Float64Array;
  readonly #target: Float64Array;

  constructor(width: number) {
    this.#width = width;
    this.#matrix = new Float64Array(width * width);
    this.#target = new Float64Array(width);
  }

  reset(): void {
    this.#matrix.fill(0);
    this.#target.fill(0);
  }

  /** A row: `width` numbers of `x` from `at` on, and what they should come to. */
  add(x: ArrayLike<number>, at: number, y: number): void {
    const width = this.#width;
    for (let i = 0; i < width; i++) {
      const value = x[at + i]!;
      this.#target[i]! += value * y;
      for (let j = 0; j <= i; j++) this.#matrix[i * width + j]! += value * x[at + j]!;
    }
  }

  /** The weights (a view, until the next call): zeros where nothing was added. `held` is above 0. What was added is spent. */
  solve(held: number): Float64Array {
    const width = this.#width;
    const l = this.#matrix;
    const w = this.#target;
    for (let i = 0; i < width; i++) {
      l[i * width + i]! += held;
      for (let j = 0; j <= i; j++) {
        let sum = l[i * width + j]!;
        for (let k = 0; k < j; k++) sum -= l[i * width + k]! * l[j * width + k]!;
        l[i * width + j] = i === j ? Math.sqrt(sum) : sum / l[j * width + j]!;
      }
    }
    for (let i = 0; i < width; i++) {
      for (let k = 0; k < i; k++) w[i]! -= l[i * width + k]! * w[k]!;
      w[i]! /= l[i * width + i]!;
    }
    for (let i = width - 1; i >= 0; i--) {
      for (let k = i + 1; k < width; k++) w[i]! -= l[k * width + i]! * w[k]!;
      w[i]! /= l[i * width + i]!;
    }
    return w;
  }
}
