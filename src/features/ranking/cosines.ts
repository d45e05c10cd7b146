import type { BehaviourModel } from '../../retrieval/models.ts';
import type { RankingFeature } from '../feature.ts';
import { dot, type FeatureInputs, length } from './shared.ts';

const LAST = 10;

/**
 * How like the candidate is to the latest items, by the embedding model's output vectors (what comes in the same place) and
 * input vectors (what leads to the same next items); and how long ago the one most like it was. 0 where a vector is missing.
 */
export function cosines({ models }: FeatureInputs): RankingFeature {
  return {
    name: 'cosines',
    version: 1,
    columns: ['cosine.out.last', 'cosine.out.max', 'cosine.out.mean', 'cosine.in.last', 'cosine.in.max', 'cosine.age'],
    write: ({ size, ordinals, historyOrdinals }, out, offset, stride) => {
      const { behaviour } = models;
      if (behaviour === undefined || historyOrdinals.length === 0) return;
      const width = behaviour.dimensions - 1;
      const latest = historyOrdinals.slice(-LAST).reverse();
      const outputs = latest.map((ordinal) => unit(behaviour.outputVector(ordinal), width));
      const inputs = latest.map((ordinal) => unit(behaviour.inputVector(ordinal), width));
      for (let i = 0; i < size; i++) {
        const at = i * stride + offset;
        writeSide(out, at, vectorOf(behaviour, ordinals[i]!, 'outputVector'), outputs, true);
        writeSide(out, at + 3, vectorOf(behaviour, ordinals[i]!, 'inputVector'), inputs, false);
      }
    },
  };
}

const vectorOf = (model: BehaviourModel, ordinal: number, side: 'outputVector' | 'inputVector') => model[side](ordinal);

/** A unit vector of the first `width` numbers, without the bias. */
function unit(vector: Float32Array | undefined, width: number): Float32Array | undefined {
  if (vector === undefined) return undefined;
  const size = length(vector, width);
  return size === 0 ? undefined : vector.subarray(0, width).map((value) => value / size);
}

function writeSide(
  out: Float32Array,
  at: number,
  vector: Float32Array | undefined,
  latest: readonly (Float32Array | undefined)[],
  whole: boolean,
): void {
  if (vector === undefined) return;
  let size = -1;
  let best = Number.NEGATIVE_INFINITY;
  let bestAge = 0;
  let sum = 0;
  for (let age = 0; age < latest.length; age++) {
    const other = latest[age];
    if (other === undefined) continue;
    if (size < 0) size = length(vector, other.length);
    if (size === 0) return;
    const cosine = dot(other, vector) / size;
    if (age === 0) out[at] = cosine;
    sum += cosine;
    if (cosine > best) {
      best = cosine;
      bestAge = age;
    }
  }
  if (size <= 0) return;
  out[at + 1] = best;
  if (!whole) {
    out[at + 2] = Math.log1p(bestAge);
    return;
  }
  out[at + 2] = sum / latest.length;
}
