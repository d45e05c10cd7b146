import { seededRandom } from '../domain/random.ts';

/** The directions in which a catalogue's text vectors differ most: row-major [dimensions × inputs], and the mean [inputs]. */
export interface TextReduction {
  readonly inputs: number;
  readonly dimensions: number;
  readonly mean: Float32Array;
  readonly directions: Float32Array;
}

const SAMPLE = 4000;
const ITERATIONS = 12;

/** Principal components by orthogonal iteration on the covariance of at most 4,000 vectors, evenly spread; the same for the same input. */
export function fitTextReduction(vectors: readonly (Float32Array | undefined)[], dimensions: number): TextReduction | undefined {
  const present = vectors.filter((vector) => vector !== undefined);
  const inputs = present[0]?.length;
  if (inputs === undefined) return undefined;
  const step = Math.max(1, Math.floor(present.length / SAMPLE));
  const sample = present.filter((_, i) => i % step === 0);
  const mean = new Float32Array(inputs);
  for (const vector of sample) for (let j = 0; j < inputs; j++) mean[j]! += vector[j]! / sample.length;
  const directions = principalDirections(sample, mean, dimensions);
  return { inputs, dimensions: directions.length / inputs, mean, directions };
}

/** The directions in which vectors differ most from a point, at most as many as they have dimensions, row-major, most first. */
export function principalDirections(vectors: readonly Float32Array[], from: Float32Array, dimensions: number): Float32Array {
  const inputs = from.length;
  const covariance = new Float64Array(inputs * inputs);
  const centred = new Float64Array(inputs);
  for (const vector of vectors) {
    for (let j = 0; j < inputs; j++) centred[j] = vector[j]! - from[j]!;
    for (let i = 0; i < inputs; i++) {
      const x = centred[i]! / vectors.length;
      for (let j = i; j < inputs; j++) covariance[i * inputs + j]! += x * centred[j]!;
    }
  }
  for (let i = 0; i < inputs; i++) for (let j = 0; j < i; j++) covariance[i * inputs + j] = covariance[j * inputs + i]!;

  const kept = Math.min(dimensions, inputs);
  const random = seededRandom(7);
  let basis = Float64Array.from({ length: kept * inputs }, () => random() - 0.5);
  orthonormalise(basis, kept, inputs);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const next = new Float64Array(kept * inputs);
    for (let k = 0; k < kept; k++) {
      for (let i = 0; i < inputs; i++) {
        const x = basis[k * inputs + i]!;
        for (let j = 0; j < inputs; j++) next[k * inputs + j]! += x * covariance[i * inputs + j]!;
      }
    }
    orthonormalise(next, kept, inputs);
    basis = next;
  }
  return Float32Array.from(basis);
}

/** The vector in those directions, at unit length. */
export function reduceText({ inputs, dimensions, mean, directions }: TextReduction, vector: Float32Array): Float32Array {
  const out = new Float32Array(dimensions);
  let square = 0;
  for (let k = 0; k < dimensions; k++) {
    let sum = 0;
    for (let j = 0; j < inputs; j++) sum += directions[k * inputs + j]! * (vector[j]! - mean[j]!);
    out[k] = sum;
    square += sum * sum;
  }
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  for (let k = 0; k < dimensions; k++) out[k]! *= scale;
  return out;
}

/** Gram and Schmidt. A direction that vanishes (fewer vectors than dimensions) becomes zero. */
function orthonormalise(basis: Float64Array, rows: number, width: number): void {
  for (let k = 0; k < rows; k++) {
    const own = basis.subarray(k * width, (k + 1) * width);
    const before = norm(own);
    for (let other = 0; other < k; other++) {
      const direction = basis.subarray(other * width, (other + 1) * width);
      let dot = 0;
      for (let j = 0; j < width; j++) dot += own[j]! * direction[j]!;
      for (let j = 0; j < width; j++) own[j]! -= dot * direction[j]!;
    }
    const length = norm(own);
    const scale = length > 1e-9 * before && length > 1e-30 ? 1 / length : 0;
    for (let j = 0; j < width; j++) own[j]! *= scale;
  }
}

function norm(vector: Float64Array): number {
  let sum = 0;
  for (const x of vector) sum += x * x;
  return Math.sqrt(sum);
}
