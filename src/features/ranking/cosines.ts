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
      const found = new Float32Array(size);
      const best = new Float32Array(size);
      const age = new Uint8Array(size);
      const compare = (rows: readonly Float32Array[], many: typeof behaviour.outputCosines, column: number): void => {
        age.fill(0);
        for (let row = 0; row < rows.length; row++) {
          many(rows[row]!, ordinals, row === 0 ? best : found);
          if (row === 0) for (let i = 0; i < size; i++) out[i * stride + column] = best[i]!;
          else
            for (let i = 0; i < size; i++) {
              if (found[i]! <= best[i]!) continue;
              best[i] = found[i]!;
              age[i] = row;
            }
        }
        for (let i = 0; i < size; i++) out[i * stride + column + 1] = best[i]!;
      };
      compare(outputs.slice(0, SINGLE), behaviour.outputCosines, offset);
      behaviour.outputCosines(meanOf(outputs, width), ordinals, found);
      for (let i = 0; i < size; i++) out[i * stride + offset + 2] = found[i]!;
      compare(inputs, behaviour.inputCosines, offset + 3);
      for (let i = 0; i < size; i++) out[i * stride + offset + 5] = log1pOf(age[i]!);
    },
  };
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
