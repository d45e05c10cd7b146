/** For each of a batch's targets, the rows of the item matrix before it: `length` rows that end with row `last`. */
export interface HistoryWindows {
  readonly last: Int32Array;
  readonly length: Int32Array;
}

/** out[t] = Σ_k positions[k] ⊙ rows[last[t] − k]: causal pooling with a weight for each age and dimension. */
export function poolForward(rows: Float32Array, positions: Float32Array, windows: HistoryWindows, d: number): Float32Array {
  const { last, length } = windows;
  const out = new Float32Array(last.length * d);
  for (let t = 0; t < last.length; t++) {
    const to = t * d;
    for (let k = 0; k < length[t]!; k++) {
      const from = (last[t]! - k) * d;
      const weight = k * d;
      for (let j = 0; j < d; j++) out[to + j]! += positions[weight + j]! * rows[from + j]!;
    }
  }
  return out;
}

/** Gradients of `poolForward` by its rows and its position weights. */
export function poolBackward(
  gradient: Float32Array,
  rows: Float32Array,
  positions: Float32Array,
  windows: HistoryWindows,
  d: number,
): { rows: Float32Array; positions: Float32Array } {
  const { last, length } = windows;
  const byRows = new Float32Array(rows.length);
  const byPositions = new Float32Array(positions.length);
  for (let t = 0; t < last.length; t++) {
    const to = t * d;
    for (let k = 0; k < length[t]!; k++) {
      const from = (last[t]! - k) * d;
      const weight = k * d;
      for (let j = 0; j < d; j++) {
        const g = gradient[to + j]!;
        byRows[from + j]! += positions[weight + j]! * g;
        byPositions[weight + j]! += rows[from + j]! * g;
      }
    }
  }
  return { rows: byRows, positions: byPositions };
}
