/** What turns raw columns into what a network reads: `(value − mean) × inverse`, kept within ±5. */
export interface Scaling {
  readonly mean: Float32Array;
  /** 1 / standard deviation; 0 for a column that never varied, which is thereby ignored. */
  readonly inverse: Float32Array;
}

/** Standard deviations beyond which a value is cut off. */
export const CLIP = 5;

/** Measures every column over the rows it is to be fitted on. */
export function measureScaling(features: Float32Array, columns: number): Scaling {
  const rows = features.length / columns;
  const sum = new Float64Array(columns);
  const squares = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) sum[c]! += features[row * columns + c]!;
  }
  const mean = Float32Array.from(sum, (total) => total / Math.max(1, rows));
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) squares[c]! += (features[row * columns + c]! - mean[c]!) ** 2;
  }
  const inverse = Float32Array.from(squares, (total) => {
    const deviation = Math.sqrt(total / Math.max(1, rows));
    return deviation > 1e-6 ? 1 / deviation : 0;
  });
  return { mean, inverse };
}

/** Standardises rows `from` up to `to`, into a new array or one that is given. */
export function standardise(
  features: Float32Array,
  { mean, inverse }: Scaling,
  from = 0,
  to = features.length / mean.length,
  out = new Float32Array((to - from) * mean.length),
): Float32Array {
  const columns = mean.length;
  let at = 0;
  for (let row = from; row < to; row++) {
    for (let c = 0; c < columns; c++) {
      const value = (features[row * columns + c]! - mean[c]!) * inverse[c]!;
      out[at++] = Math.min(CLIP, Math.max(-CLIP, value));
    }
  }
  return out;
}
