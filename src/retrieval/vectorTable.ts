/** Vectors by ordinal in one growing array, with their norms for cosines. */
export class VectorTable {
  readonly width: number;
  #data: Float32Array;
  #present: Uint8Array;
  /** Inverse norms by row, over the first `#normed` dimensions; NaN where not computed yet. */
  #inverse: Float64Array;

  constructor(width: number, rows: number) {
    const capacity = Math.max(16, rows);
    this.width = width;
    this.#data = new Float32Array(capacity * width);
    this.#present = new Uint8Array(capacity);
    this.#inverse = new Float64Array(capacity).fill(Number.NaN);
  }

  /** The vectors, row by row; replaced when the table grows, so don't keep it. */
  get data(): Float32Array {
    return this.#data;
  }

  /** Where the ordinal's vector starts in `data`, or -1. */
  offset(ordinal: number): number {
    return this.#present[ordinal] === 1 ? ordinal * this.width : -1;
  }

  row(ordinal: number): Float32Array | undefined {
    const at = this.offset(ordinal);
    return at < 0 ? undefined : this.#data.subarray(at, at + this.width);
  }

  set(ordinal: number, vector: Float32Array): void {
    if (ordinal >= this.#present.length) this.#grow(ordinal + 1);
    this.#data.set(vector, ordinal * this.width);
    this.#present[ordinal] = 1;
    this.#inverse[ordinal] = Number.NaN;
  }

  delete(ordinal: number): void {
    if (ordinal < this.#present.length) this.#present[ordinal] = 0;
  }

  /** Inner product; 0 where there is no vector. */
  dot(vector: Float32Array, ordinal: number): number {
    const at = this.offset(ordinal);
    if (at < 0) return 0;
    const data = this.#data;
    let sum = 0;
    for (let j = 0; j < this.width; j++) sum += vector[j]! * data[at + j]!;
    return sum;
  }

  /** The same numbers for many rows, into `out`: four rows at once, which don't wait for one another's additions. */
  dotMany(vector: Float32Array, ordinals: ArrayLike<number>, out: Float32Array): void {
    const data = this.#data;
    const { width } = this;
    const count = ordinals.length;
    const start = (i: number): number => Math.max(0, this.offset(ordinals[i]!));
    let i = 0;
    for (; i + 4 <= count; i += 4) {
      const first = start(i);
      const second = start(i + 1);
      const third = start(i + 2);
      const fourth = start(i + 3);
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let j = 0; j < width; j++) {
        const x = vector[j]!;
        a += x * data[first + j]!;
        b += x * data[second + j]!;
        c += x * data[third + j]!;
        d += x * data[fourth + j]!;
      }
      out[i] = a;
      out[i + 1] = b;
      out[i + 2] = c;
      out[i + 3] = d;
    }
    for (; i < count; i++) out[i] = this.dot(vector, ordinals[i]!);
    for (i = 0; i < count; i++) if (this.#present[ordinals[i]!] !== 1) out[i] = 0;
  }

  /**
   * Inner products with the vectors of the ordinals from 0 up to `out.length`: the same numbers as `dot`'s in half the time, as
   * four rows at once don't wait for one another's additions.
   */
  dotAll(vector: Float32Array, out: Float32Array): void {
    const data = this.#data;
    const { width } = this;
    const rows = Math.min(out.length, this.#present.length);
    out.fill(0, rows);
    let row = 0;
    for (; row + 4 <= rows; row += 4) {
      const first = row * width;
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let j = 0, at = first; j < width; j++, at++) {
        const x = vector[j]!;
        a += x * data[at]!;
        b += x * data[at + width]!;
        c += x * data[at + 2 * width]!;
        d += x * data[at + 3 * width]!;
      }
      out[row] = a;
      out[row + 1] = b;
      out[row + 2] = c;
      out[row + 3] = d;
    }
    for (; row < rows; row++) out[row] = this.dot(vector, row);
    for (let i = 0; i < rows; i++) if (this.#present[i] !== 1) out[i] = 0;
  }

  /** Cosine over the first `dimensions` numbers, always the same number of them; 0 where a vector is missing or zero. */
  cosine(a: number, b: number, dimensions: number): number {
    const from = this.offset(a);
    const to = this.offset(b);
    if (from < 0 || to < 0) return 0;
    const data = this.#data;
    let sum = 0;
    for (let j = 0; j < dimensions; j++) sum += data[from + j]! * data[to + j]!;
    return sum * this.#inverseNorm(a, dimensions) * this.#inverseNorm(b, dimensions);
  }

  /**
   * Cosines of a unit vector with many rows, over as many numbers as it has, always the same number of them; 0 where a vector
   * is missing or zero. Four sums at once keep the processor's pipes full.
   */
  cosineMany(unit: Float32Array, ordinals: ArrayLike<number>, out: Float32Array): void {
    const data = this.#data;
    const dimensions = unit.length;
    const even = dimensions - (dimensions % 4);
    for (let i = 0; i < ordinals.length; i++) {
      const at = this.offset(ordinals[i]!);
      if (at < 0) {
        out[i] = 0;
        continue;
      }
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let j = 0; j < even; j += 4) {
        a += unit[j]! * data[at + j]!;
        b += unit[j + 1]! * data[at + j + 1]!;
        c += unit[j + 2]! * data[at + j + 2]!;
        d += unit[j + 3]! * data[at + j + 3]!;
      }
      for (let j = even; j < dimensions; j++) a += unit[j]! * data[at + j]!;
      out[i] = this.#inverseNorm(ordinals[i]!, dimensions) * (a + b + c + d);
    }
  }

  #inverseNorm(ordinal: number, dimensions: number): number {
    const known = this.#inverse[ordinal]!;
    if (!Number.isNaN(known)) return known;
    const at = ordinal * this.width;
    let sum = 0;
    for (let j = 0; j < dimensions; j++) sum += this.#data[at + j]! * this.#data[at + j]!;
    const inverse = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    this.#inverse[ordinal] = inverse;
    return inverse;
  }

  #grow(rows: number): void {
    const capacity = Math.max(rows, this.#present.length * 2);
    const data = new Float32Array(capacity * this.width);
    const present = new Uint8Array(capacity);
    const inverse = new Float64Array(capacity).fill(Number.NaN);
    data.set(this.#data);
    present.set(this.#present);
    inverse.set(this.#inverse);
    this.#data = data;
    this.#present = present;
    this.#inverse = inverse;
  }
}
