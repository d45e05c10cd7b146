import type { Ranker } from '../../ports/models.ts';
import { ATTRIBUTION_METHOD, attribute } from '../../ranking/attribution.ts';
import { probability } from '../../ranking/calibration.ts';
import { type Head, headFor } from '../../ranking/head.ts';
import { partsOf } from '../../ranking/network.ts';
import type { RankerModel } from '../../ranking/rankerModel.ts';
import { standardise } from '../../ranking/standardise.ts';
import { servingBackend, type TfBackend } from './backend.ts';
import { floats, scoped } from './ops.ts';

export type ServedRanker = Ranker & { dispose(): void };

/**
 * The trained networks on WebAssembly, their weights uploaded once. Scoring is synchronous inside, so lists never wait for one
 * another.
 */
export async function createTfjsRanker(model: RankerModel): Promise<ServedRanker> {
  const backend = await servingBackend();
  const uploaded = new Map<Head, UploadedHead>();
  for (const head of [model, ...(model.brought === undefined ? [] : [model.brought])]) uploaded.set(head, upload(backend, head));
  return {
    id: model.id,
    columns: model.columns,
    attributionMethod: ATTRIBUTION_METHOD,
    score: async (features, rows) => {
      checkShape(features, rows, model.columns.length);
      if (rows === 0) return new Float32Array(0);
      return uploaded.get(headFor(model, features))!.score(features, rows);
    },
    explain: async (features, rows) => {
      checkShape(features, rows, model.columns.length);
      const { network, scaling } = headFor(model, features);
      return attribute(network, standardise(features, scaling), rows);
    },
    dispose: () => {
      for (const head of uploaded.values()) head.dispose();
    },
  };
}

interface UploadedHead {
  score(features: Float32Array, rows: number): Float32Array;
  dispose(): void;
}

/**
 * The hidden layers of each of the networks that were put together are products on the backend; the last layer and the linear
 * path, a vector each, are loops here: less than what another operation of the library costs.
 */
function upload(backend: TfBackend, { network, scaling, calibration }: Head): UploadedHead {
  const { tf } = backend;
  const { inputs, skip } = network;
  backend.use();
  const parts = partsOf(network).map((part) => ({
    w1: tf.keep(tf.tensor2d(part.w1, [inputs, part.hidden[0]])),
    b1: tf.keep(tf.tensor1d(part.b1)),
    w2: tf.keep(tf.tensor2d(part.w2, [...part.hidden])),
    b2: tf.keep(tf.tensor1d(part.b2)),
    w3: part.w3,
  }));
  let standardised = new Float32Array(0);
  return {
    score: (features, rows) => {
      backend.use();
      if (standardised.length !== features.length) standardised = new Float32Array(features.length);
      standardise(features, scaling, 0, rows, standardised);
      const scores = new Float64Array(rows);
      addProducts(standardised, skip, scores);
      scoped(tf, () => {
        const x = tf.tensor2d(standardised, [rows, inputs]);
        for (const { w1, b1, w2, b2, w3 } of parts) {
          const h1 = tf.fused.matMul({ a: x, b: w1, bias: b1, activation: 'relu' });
          addProducts(floats(tf.fused.matMul({ a: h1, b: w2, bias: b2, activation: 'relu' })), w3, scores);
        }
      });
      const probabilities = new Float32Array(rows);
      for (let row = 0; row < rows; row++) probabilities[row] = probability(calibration, scores[row]!);
      return probabilities;
    },
    dispose: () => tf.dispose(parts.map(({ w1, b1, w2, b2 }) => [w1, b1, w2, b2])),
  };
}

/** Adds each row's inner product with a vector. */
function addProducts(matrix: Float32Array, vector: Float32Array, into: Float64Array): void {
  const width = vector.length;
  for (let row = 0; row < into.length; row++) {
    const at = row * width;
    let sum = 0;
    for (let i = 0; i < width; i++) sum += matrix[at + i]! * vector[i]!;
    into[row]! += sum;
  }
}

function checkShape(features: Float32Array, rows: number, columns: number): void {
  if (features.length !== rows * columns) {
    throw new Error(`expected ${rows} rows of ${columns} columns, got ${features.length} numbers`);
  }
}
