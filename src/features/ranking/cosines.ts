import type { RankingFeature } from '../feature.ts';
import { type FeatureInputs, length } from './shared.ts';

/** Items of the history that are compared one by one, and those whose mean is. */
const SINGLE = 3;
const LAST = 10;

/**
 * How like the candidate is to the latest items, by the embedding model's output vectors (what comes in the same place) and
 * input vectors (what leads to the same next items); and how long ago the one most like it was. 0 where a vector is missing.
 */
export function cosines({ models }: FeatureInputs): RankingFeature {
  return {
    name: 'cosines',
    version: 2,
    columns: ['cosine.out.last', 'cosine.out.max', 'cosine.out.mean', 'cosine.in.last', 'cosine.in.max', 'cosine.age'],
    sources: ['actions', 'models'],
    write: ({ size, ordinals, historyOrdinals }, out, offset, stride) => {
      const { behaviour } = models;
      if (behaviour === undefined || historyOrdinals.length === 0) return;
      const width = behaviour.dimensions - 1;
      const latest = historyOrdinals.slice(-LAST).reverse();
      const outputs = unitRows(latest, width, (ordinal) => behaviour.outputVector(ordinal));
      const inputs = unitRows(latest, width, (ordinal) => behaviour.inputVector(ordinal));
      const mean = meanRow(outputs, latest.length, width);
      const single = Math.min(SINGLE, latest.length);
      for (let i = 0; i < size; i++) {
        const at = i * stride + offset;
        const output = behaviour.outputVector(ordinals[i]!);
        const input = behaviour.inputVector(ordinals[i]!);
        if (output !== undefined) {
          const scale = 1 / Math.max(1e-12, length(output, width));
          out[at] = scale * dotRow(outputs, 0, output, width);
          let best = out[at]!;
          for (let row = 1; row < single; row++) best = Math.max(best, scale * dotRow(outputs, row, output, width));
          out[at + 1] = best;
          out[at + 2] = scale * dotRow(mean, 0, output, width);
        }
        if (input === undefined) continue;
        const scale = 1 / Math.max(1e-12, length(input, width));
        let best = scale * dotRow(inputs, 0, input, width);
        let age = 0;
        out[at + 3] = best;
        for (let row = 1; row < single; row++) {
          const cosine = scale * dotRow(inputs, row, input, width);
          if (cosine <= best) continue;
          best = cosine;
          age = row;
        }
        out[at + 4] = best;
        out[at + 5] = Math.log1p(age);
      }
    },
  };
}

/** The items' vectors as unit rows one after another, without the bias; zeros where an item has none. */
function unitRows(items: readonly number[], width: number, vectorOf: (item: number) => Float32Array | undefined): Float32Array {
  const rows = new Float32Array(items.length * width);
  for (let row = 0; row < items.length; row++) {
    const vector = vectorOf(items[row]!);
    if (vector === undefined) continue;
    const scale = 1 / Math.max(1e-12, length(vector, width));
    for (let j = 0; j < width; j++) rows[row * width + j] = scale * vector[j]!;
  }
  return rows;
}

function meanRow(rows: Float32Array, count: number, width: number): Float32Array {
  const mean = new Float32Array(width);
  for (let row = 0; row < count; row++) for (let j = 0; j < width; j++) mean[j]! += rows[row * width + j]! / count;
  return mean;
}

/** Inner product of a row with a vector; four sums at once, which keeps the processor's pipes full. */
function dotRow(rows: Float32Array, row: number, vector: Float32Array, width: number): number {
  const at = row * width;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let j = 0;
  for (; j + 3 < width; j += 4) {
    a += rows[at + j]! * vector[j]!;
    b += rows[at + j + 1]! * vector[j + 1]!;
    c += rows[at + j + 2]! * vector[j + 2]!;
    d += rows[at + j + 3]! * vector[j + 3]!;
  }
  for (; j < width; j++) a += rows[at + j]! * vector[j]!;
  return a + b + c + d;
}
