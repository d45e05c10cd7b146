/**
 * For each of a batch's targets, the rows of the item matrix before it: `length` rows that end with row `last`. No two
 * targets end with the same row.
 */
export interface HistoryWindows {
  readonly last: Int32Array;
  readonly length: Int32Array;
}

/**
 * out[t] = Σ_k positions[k] ⊙ rows[last[t] − k]: causal pooling with a weight for each age and dimension. Four dimensions at
 * a time, so that the sums stay in registers.
 */
export function poolForward(rows: Float32Array, positions: Float32Array, windows: HistoryWindows, d: number): Float32Array {
  const { last, length } = windows;
  const out = new Float32Array(last.length * d);
  const whole = d - (d % 4);
  for (let t = 0; t < last.length; t++) {
    const start = last[t]! * d;
    const count = length[t]!;
    for (let j = 0; j < whole; j += 4) {
      let [a, b, c, e] = [0, 0, 0, 0];
      let at = start + j;
      let weight = j;
      for (let k = 0; k < count; k++) {
        a += positions[weight]! * rows[at]!;
        b += positions[weight + 1]! * rows[at + 1]!;
        c += positions[weight + 2]! * rows[at + 2]!;
        e += positions[weight + 3]! * rows[at + 3]!;
        at -= d;
        weight += d;
      }
      const to = t * d + j;
      out[to] = a;
      out[to + 1] = b;
      out[to + 2] = c;
      out[to + 3] = e;
    }
    for (let j = whole; j < d; j++) {
      let sum = 0;
      for (let k = 0; k < count; k++) sum += positions[k * d + j]! * rows[start - k * d + j]!;
      out[t * d + j] = sum;
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
  return {
    rows: byRows(gradient, rows.length / d, positions, windows, d),
    positions: byPositions(gradient, rows, positions.length / d, windows, d),
  };
}

/** Gathers, for each row, from the targets that read it. */
function byRows(gradient: Float32Array, rowCount: number, positions: Float32Array, { last, length }: HistoryWindows, d: number) {
  const out = new Float32Array(rowCount * d);
  const targetAt = new Int32Array(rowCount).fill(-1);
  for (let t = 0; t < last.length; t++) targetAt[last[t]!] = t;
  const ages = positions.length / d;
  const readers = new Int32Array(ages);
  const readerAges = new Int32Array(ages);
  const whole = d - (d % 4);
  for (let r = 0; r < rowCount; r++) {
    let count = 0;
    for (let k = 0; k < ages && r + k < rowCount; k++) {
      const t = targetAt[r + k]!;
      if (t < 0 || k >= length[t]!) continue;
      readers[count] = t * d;
      readerAges[count] = k * d;
      count++;
    }
    for (let j = 0; j < whole; j += 4) {
      let [a, b, c, e] = [0, 0, 0, 0];
      for (let i = 0; i < count; i++) {
        const at = readers[i]! + j;
        const weight = readerAges[i]! + j;
        a += positions[weight]! * gradient[at]!;
        b += positions[weight + 1]! * gradient[at + 1]!;
        c += positions[weight + 2]! * gradient[at + 2]!;
        e += positions[weight + 3]! * gradient[at + 3]!;
      }
      const to = r * d + j;
      out[to] = a;
      out[to + 1] = b;
      out[to + 2] = c;
      out[to + 3] = e;
    }
    for (let j = whole; j < d; j++) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += positions[readerAges[i]! + j]! * gradient[readers[i]! + j]!;
      out[r * d + j] = sum;
    }
  }
  return out;
}

/** Four ages at a time over transposed matrices, so that memory is read in order and the sums stay in registers. */
function byPositions(gradient: Float32Array, rows: Float32Array, ages: number, { last, length }: HistoryWindows, d: number) {
  const out = new Float32Array(ages * d);
  const n = last.length;
  const rowCount = rows.length / d;
  const g = transposed(gradient, n, d);
  const x = transposed(rows, rowCount, d);
  const targets = new Int32Array(n);
  const places = new Int32Array(n);
  for (let k = 0; k < ages; k += 4) {
    // Targets that read all four ages, and those that read some.
    let count = 0;
    const partial: number[] = [];
    for (let t = 0; t < n; t++) {
      if (length[t]! >= k + 4) {
        targets[count] = t;
        places[count] = last[t]! - k;
        count++;
      } else if (length[t]! > k) partial.push(t);
    }
    for (let j = 0; j < d; j++) {
      const from = j * n;
      const column = j * rowCount;
      let [a, b, c, e] = [0, 0, 0, 0];
      for (let i = 0; i < count; i++) {
        const by = g[from + targets[i]!]!;
        const at = column + places[i]!;
        a += by * x[at]!;
        b += by * x[at - 1]!;
        c += by * x[at - 2]!;
        e += by * x[at - 3]!;
      }
      const sums = [a, b, c, e];
      for (const t of partial) {
        for (let i = 0; k + i < length[t]!; i++) sums[i]! += g[from + t]! * x[column + last[t]! - k - i]!;
      }
      for (let i = 0; i < 4 && k + i < ages; i++) out[(k + i) * d + j] = sums[i]!;
    }
  }
  return out;
}

function transposed(matrix: Float32Array, height: number, width: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) out[j * height + i] = matrix[i * width + j]!;
  return out;
}
