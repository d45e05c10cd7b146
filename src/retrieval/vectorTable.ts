import { createProducts, PRODUCT_ROWS, PRODUCT_VECTORS, type Products } from '../kernels/products.ts';

/** One for each length of vectors: nothing here awaits. */
const kernels = new Map<number, Products>();

function productsOf(dimensions: number): Products {
  const known = kernels.get(dimensions);
  if (known !== undefined) return known;
  const made = createProducts(dimensions);
  kernels.set(dimensions, made);
  return made;
}

/** Vectors that somebody else holds, row after row. */
export interface StoredRows {
  /** Not to be kept: it may be another array later. */
  readonly vectors: Float32Array;
}

/** Vectors by ordinal, with their norms for cosines: in one growing array, or where an index has them already. */
export class VectorTable {
  readonly width: number;
  readonly #stored: StoredRows;
  #own: Float32Array;
  #ownRows = 0;
  /** Own rows that no ordinal has any more. */
  readonly #free: number[] = [];
  /** By ordinal: 0 for none, else one more than its own row, or the negative of that for a stored one. */
  #places: Int32Array;
  /** Inverse norms by ordinal; NaN where not computed yet. */
  #inverse: Float64Array;

  /** @param rows own vectors that it has room for from the start */
  constructor(width: number, rows: number, stored: StoredRows = { vectors: new Float32Array(0) }) {
    this.width = width;
    this.#stored = stored;
    this.#own = new Float32Array(rows * width);
    this.#places = new Int32Array(Math.max(16, rows));
    this.#inverse = new Float64Array(this.#places.length).fill(Number.NaN);
  }

  row(ordinal: number): Float32Array | undefined {
    const place = this.#places[ordinal] ?? 0;
    if (place === 0) return undefined;
    const at = this.#offset(place);
    return this.#array(place).subarray(at, at + this.width);
  }

  /** Takes the vector in a stored row for the ordinal's. */
  point(ordinal: number, row: number): void {
    this.delete(ordinal);
    this.#makeRoom(ordinal);
    this.#places[ordinal] = -(row + 1);
  }

  /** A stored vector stays as it is: the ordinal then has one of its own. */
  set(ordinal: number, vector: Float32Array): void {
    this.#makeRoom(ordinal);
    if (this.#places[ordinal]! <= 0) this.#places[ordinal] = 1 + (this.#free.pop() ?? this.#addRow());
    this.#own.set(vector, this.#offset(this.#places[ordinal]!));
    this.#inverse[ordinal] = Number.NaN;
  }

  delete(ordinal: number): void {
    const place = this.#places[ordinal] ?? 0;
    if (place === 0) return;
    if (place > 0) this.#free.push(place - 1);
    this.#places[ordinal] = 0;
    this.#inverse[ordinal] = Number.NaN;
  }

  #array(place: number): Float32Array {
    return place > 0 ? this.#own : this.#stored.vectors;
  }

  #offset(place: number): number {
    return (Math.abs(place) - 1) * this.width;
  }

  /** Inner product; 0 where there is no vector. */
  dot(vector: Float32Array, ordinal: number): number {
    const place = this.#places[ordinal] ?? 0;
    if (place === 0) return 0;
    const data = this.#array(place);
    const at = this.#offset(place);
    let sum = 0;
    for (let j = 0; j < this.width; j++) sum += vector[j]! * data[at + j]!;
    return sum;
  }

  /** Inner products of vectors with many rows; 0 where a row is missing. @param out `[vectors × ordinals]` */
  dotMany(vectors: readonly Float32Array[], ordinals: ArrayLike<number>, out: Float32Array): void {
    this.#multiply(vectors, ordinals, out, () => 1);
  }

  /**
   * Inner products with the vectors of the ordinals from 0 up to `out.length`: the same numbers as `dot`'s in half the time, as
   * four rows at once don't wait for one another's additions.
   */
  dotAll(vector: Float32Array, out: Float32Array): void {
    const { width } = this;
    const places = this.#places;
    const ordinals = Math.min(out.length, places.length);
    out.fill(0, ordinals);
    let ordinal = 0;
    while (ordinal < ordinals) {
      const place = places[ordinal]!;
      if (!this.#isRun(ordinal, 4) || ordinal + 4 > ordinals) {
        out[ordinal] = this.dot(vector, ordinal);
        ordinal++;
        continue;
      }
      const data = this.#array(place);
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let j = 0, at = this.#offset(place); j < width; j++, at++) {
        const x = vector[j]!;
        a += x * data[at]!;
        b += x * data[at + width]!;
        c += x * data[at + 2 * width]!;
        d += x * data[at + 3 * width]!;
      }
      out[ordinal++] = a;
      out[ordinal++] = b;
      out[ordinal++] = c;
      out[ordinal++] = d;
    }
  }

  /** Whether so many ordinals' vectors lie one behind the other. */
  #isRun(ordinal: number, length: number): boolean {
    const places = this.#places;
    const place = places[ordinal]!;
    const step = Math.sign(place);
    if (step === 0) return false;
    for (let i = 1; i < length; i++) if (places[ordinal + i] !== place + step * i) return false;
    return true;
  }

  /**
   * Cosines of unit vectors of one length with many rows, over as many numbers as they have, always the same number of them; 0 where
   * a row's vector is missing or zero. A row is brought from memory once for all.
   * @param out `[units × ordinals]`
   */
  cosineMany(units: readonly Float32Array[], ordinals: ArrayLike<number>, out: Float32Array): void {
    this.#multiply(units, ordinals, out, (ordinal, dimensions) => this.#inverseNorm(ordinal, dimensions));
  }

  /** Products over as many numbers as the vectors have, each times a factor of its row. */
  #multiply(
    vectors: readonly Float32Array[],
    ordinals: ArrayLike<number>,
    out: Float32Array,
    factorOf: (ordinal: number, dimensions: number) => number,
  ): void {
    const dimensions = vectors[0]?.length ?? 0;
    if (dimensions === 0) return;
    const { load, multiply, rows, products, stride } = productsOf(dimensions);
    const count = ordinals.length;
    for (let first = 0; first < vectors.length; first += PRODUCT_VECTORS) {
      const some = vectors.slice(first, first + PRODUCT_VECTORS);
      load(some);
      for (let from = 0; from < count; from += PRODUCT_ROWS) {
        const size = Math.min(PRODUCT_ROWS, count - from);
        for (let i = 0; i < size; i++) this.#copy(ordinals[from + i]!, dimensions, rows, i * stride);
        multiply(size);
        for (let i = 0; i < size; i++) {
          const ordinal = ordinals[from + i]!;
          const factor = this.#has(ordinal) ? factorOf(ordinal, dimensions) : 0;
          for (let v = 0; v < some.length; v++)
            out[(first + v) * count + from + i] = factor === 0 ? 0 : factor * products[i * PRODUCT_VECTORS + v]!;
        }
      }
    }
  }

  #has(ordinal: number): boolean {
    return (this.#places[ordinal] ?? 0) !== 0;
  }

  /** The first numbers of a row; where it is missing, what was there stays. */
  #copy(ordinal: number, dimensions: number, to: Float32Array, at: number): void {
    const place = this.#places[ordinal] ?? 0;
    if (place === 0) return;
    const from = this.#offset(place);
    to.set(this.#array(place).subarray(from, from + dimensions), at);
  }

  #inverseNorm(ordinal: number, dimensions: number): number {
    const known = this.#inverse[ordinal]!;
    if (!Number.isNaN(known)) return known;
    const place = this.#places[ordinal]!;
    const data = this.#array(place);
    const at = this.#offset(place);
    let sum = 0;
    for (let j = 0; j < dimensions; j++) sum += data[at + j]! * data[at + j]!;
    const inverse = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    this.#inverse[ordinal] = inverse;
    return inverse;
  }

  #addRow(): number {
    if (this.#own.length < (this.#ownRows + 1) * this.width) {
      const own = new Float32Array(Math.max(16, 2 * this.#ownRows) * this.width);
      own.set(this.#own);
      this.#own = own;
    }
    return this.#ownRows++;
  }

  #makeRoom(ordinal: number): void {
    if (ordinal < this.#places.length) return;
    const capacity = Math.max(ordinal + 1, this.#places.length * 2);
    const places = new Int32Array(capacity);
    const inverse = new Float64Array(capacity).fill(Number.NaN);
    places.set(this.#places);
    inverse.set(this.#inverse);
    this.#places = places;
    this.#inverse = inverse;
  }
}
