import type { ContentRow } from './contentMatrix.ts';
import { type EmbedderWeights, LAYER_NORM_EPSILON, newItemBias } from './embedderWeights.ts';
import { createFeedForward } from './feedForward.ts';
import type { BehaviourModel } from './models.ts';
import { VectorTable } from './vectorTable.ts';

/** The trained model with every trained item's vectors put together, and room for items that come live. */
export interface ServedEmbedder extends BehaviourModel {
  /** Vectors of an item that has this content; `ordinal` brings what behaviour taught, where it was trained. */
  compose(content: ContentRow, ordinal: number | undefined): { input: Float32Array; output: Float32Array };
  set(ordinal: number, vectors: { input: Float32Array; output: Float32Array }): void;
  forget(ordinal: number): void;
}

/**
 * Serves the weights with loops over typed arrays and one kernel: for a single query these take tens of microseconds, less than the
 * dispatch of TensorFlow.js's operations, and give the same bits in a replay and in serving.
 */
export function createEmbedderModel(id: string, weights: EmbedderWeights): ServedEmbedder {
  const { dimensions: d, historyLength } = weights.settings;
  const inputs = new VectorTable(d, weights.itemCount);
  const outputs = new VectorTable(d + 1, weights.itemCount);
  const expectedBias = newItemBias(weights.itemBias);
  // One a process is enough: nothing here awaits.
  const pooled = new Float64Array(d);
  const feedForward = createFeedForward(weights);

  const query = (ordinals: ArrayLike<number>): Float32Array | undefined => {
    pooled.fill(0);
    let read = 0;
    for (let i = ordinals.length - 1; i >= 0 && read < historyLength; i--) {
      const input = inputs.row(ordinals[i]!);
      if (input === undefined) continue;
      const weight = read * d;
      for (let j = 0; j < d; j++) pooled[j]! += weights.positions[weight + j]! * input[j]!;
      read++;
    }
    if (read === 0) return undefined;
    return normalised();
  };

  /** The residual layer and LayerNorm. */
  const normalised = (): Float32Array => {
    const { normScale, normShift } = weights;
    const added = feedForward(pooled);
    let mean = 0;
    for (let j = 0; j < d; j++) {
      pooled[j]! += added[j]!;
      mean += pooled[j]!;
    }
    mean /= d;
    let variance = 0;
    for (let j = 0; j < d; j++) variance += (pooled[j]! - mean) ** 2;
    const inverse = 1 / Math.sqrt(variance / d + LAYER_NORM_EPSILON);
    const out = new Float32Array(d + 1);
    for (let j = 0; j < d; j++) out[j] = (pooled[j]! - mean) * inverse * normScale[j]! + normShift[j]!;
    out[d] = 1;
    return out;
  };

  return {
    id,
    dimensions: d + 1,
    query,
    scoreMany: (queries, ordinals, out) => outputs.dotMany(queries, ordinals, out),
    scoreAll: (vector, out) => outputs.dotAll(vector, out),
    inputCosines: (units, ordinals, out) => inputs.cosineMany(units, ordinals, out),
    outputCosines: (units, ordinals, out) => outputs.cosineMany(units, ordinals, out),
    inputVector: (ordinal) => inputs.row(ordinal),
    outputVector: (ordinal) => outputs.row(ordinal),
    compose: (content, ordinal) => compose(weights, expectedBias, content, ordinal),
    set(ordinal, vectors) {
      inputs.set(ordinal, vectors.input);
      outputs.set(ordinal, vectors.output);
    },
    forget(ordinal) {
      inputs.delete(ordinal);
      outputs.delete(ordinal);
    },
  };
}

function compose(weights: EmbedderWeights, expectedBias: number, content: ContentRow, ordinal: number | undefined) {
  const d = weights.settings.dimensions;
  const input = new Float32Array(d);
  const output = new Float32Array(d + 1);
  const add = (scale: number, row: number, ins: Float32Array, outs: Float32Array, biases: Float32Array) => {
    for (let j = 0; j < d; j++) {
      input[j]! += scale * ins[row * d + j]!;
      output[j]! += scale * outs[row * d + j]!;
    }
    output[d]! += scale * biases[row]!;
  };
  if (ordinal !== undefined && ordinal < weights.itemCount) {
    add(1, ordinal, weights.itemIn, weights.itemOut, weights.itemBias);
  } else output[d] = expectedBias;
  for (let f = 0; f < content.features.length; f++) {
    add(content.weights[f]!, content.features[f]!, weights.featureIn, weights.featureOut, weights.featureBias);
  }
  if (content.text !== undefined) {
    for (let k = 0; k < content.text.length; k++) {
      add(content.text[k]!, k, weights.textIn, weights.textOut, weights.textBias);
    }
  }
  return { input, output };
}
