import type { Ranker } from '../../ports/models.ts';
import { ATTRIBUTION_METHOD, attribute } from '../../ranking/attribution.ts';
import { probability } from '../../ranking/calibration.ts';
import { type Head, headFor } from '../../ranking/head.ts';
import { type RankerModel, readRanker } from '../../ranking/rankerModel.ts';
import { standardise } from '../../ranking/standardise.ts';
import { servingBackend, type TfBackend } from './backend.ts';
import { floats } from './ops.ts';

export type ServedRanker = Ranker & { dispose(): void };

/** The ranker of an artifact's folder, ready to serve. @throws UserError naming the file that is missing, truncated or foreign */
export const loadRanker = async (folder: string): Promise<ServedRanker> => createTfjsRanker(await readRanker(folder));

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

function upload(backend: TfBackend, { network, scaling, calibration }: Head): UploadedHead {
  const { tf } = backend;
  const [first, second] = network.hidden;
  backend.use();
  const w1 = tf.keep(tf.tensor2d(network.w1, [network.inputs, first]));
  const b1 = tf.keep(tf.tensor1d(network.b1));
  const w2 = tf.keep(tf.tensor2d(network.w2, [first, second]));
  const b2 = tf.keep(tf.tensor1d(network.b2));
  const w3 = tf.keep(tf.tensor2d(network.w3, [second, 1]));
  const skip = tf.keep(tf.tensor2d(network.skip, [network.inputs, 1]));
  return {
    score: (features, rows) => {
      backend.use();
      const scores = tf.tidy(() => {
        const x = tf.tensor2d(standardise(features, scaling), [rows, network.inputs]);
        const h1 = tf.fused.matMul({ a: x, b: w1, bias: b1, activation: 'relu' });
        const h2 = tf.fused.matMul({ a: h1, b: w2, bias: b2, activation: 'relu' });
        return floats(tf.add(tf.matMul(h2, w3), tf.matMul(x, skip))).slice();
      });
      return scores.map((score) => probability(calibration, score));
    },
    dispose: () => tf.dispose([w1, b1, w2, b2, w3, skip]),
  };
}

function checkShape(features: Float32Array, rows: number, columns: number): void {
  if (features.length !== rows * columns) {
    throw new Error(`expected ${rows} rows of ${columns} columns, got ${features.length} numbers`);
  }
}
