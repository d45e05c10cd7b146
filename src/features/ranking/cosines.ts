import type { RankingFeature } from '../feature.ts';
import { type FeatureInputs, length, log1pOf } from './shared.ts';

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
      const outputs = latest.map((ordinal) => unit(behaviour.outputVector(ordinal), width));
      const inputs = latest.slice(0, SINGLE).map((ordinal) => unit(behaviour.inputVector(ordinal), width));
      const alike = new Float32Array((SINGLE + 1) * size);
      behaviour.outputCosines([...outputs.slice(0, SINGLE), meanOf(outputs, width)], ordinals, alike);
      for (let i = 0; i < size; i++) {
        const at = i * stride + offset;
        out[at] = alike[i]!;
        out[at + 1] = alike[nearest(alike, inputs.length, i, size) * size + i]!;
        out[at + 2] = alike[inputs.length * size + i]!;
      }
      behaviour.inputCosines(inputs, ordinals, alike);
      for (let i = 0; i < size; i++) {
        const at = i * stride + offset;
        const age = nearest(alike, inputs.length, i, size);
        out[at + 3] = alike[i]!;
        out[at + 4] = alike[age * size + i]!;
        out[at + 5] = log1pOf(age);
      }
    },
  };
}

/** Which of the latest items, 0 the last, is most like candidate i of `size`. */
function nearest(alike: Float32Array, items: number, i: number, size: number): number {
  let best = 0;
  for (let item = 1; item < items; item++) if (alike[item * size + i]! > alike[best * size + i]!) best = item;
  return best;
}

/** An item's vector at length 1, without the bias; zeros where it has none. */
function unit(vector: Float32Array | undefined, width: number): Float32Array {
  const row = new Float32Array(width);
  if (vector === undefined) return row;
  const scale = 1 / Math.max(1e-12, length(vector, width));
  for (let j = 0; j < width; j++) row[j] = scale * vector[j]!;
  return row;
}

function meanOf(rows: readonly Float32Array[], width: number): Float32Array {
  const mean = new Float32Array(width);
  for (const row of rows) for (let j = 0; j < width; j++) mean[j]! += row[j]! / rows.length;
  return mean;
}
