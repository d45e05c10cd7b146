import type * as tfjs from '@tensorflow/tfjs-core';
import { seededRandom, shuffle } from '../../domain/random.ts';
import type { RankerLists, RankerSettings, RankerTrainer } from '../../ports/training.ts';
import { type ListLoss, lambdaLoss, softmaxLoss } from '../../ranking/listLoss.ts';
import { emptyNetwork, NETWORK_ARRAYS, type Network } from '../../ranking/network.ts';
import { standardise } from '../../ranking/standardise.ts';
import { adamState, adamStep } from './adam.ts';
import type { TfBackend } from './backend.ts';
import { floats, scoped } from './ops.ts';

const LOSSES: Readonly<Record<RankerSettings['loss'], ListLoss>> = { softmax: softmaxLoss, lambda: lambdaLoss };

/**
 * Trains on a TensorFlow.js backend. The products run there, forward and backward written out (the library's own gradient of
 * a product is ten times slower on WebAssembly); the list's loss, which is small and ragged, and Adam run beside it.
 */
export function createRankerTrainer(backend: TfBackend): RankerTrainer {
  return {
    backend: backend.name,
    train: async (lists, scaling, settings, progress) => {
      const random = seededRandom(settings.seed);
      const network = initial(lists.columns, settings.hidden, random);
      const states = NETWORK_ARRAYS.map((name) => adamState(network[name]));
      const order = Array.from({ length: lists.offsets.length - 1 }, (_, list) => list);
      const steps = settings.epochs * Math.ceil(order.length / settings.batch);
      let step = 0;
      for (let epoch = 0; epoch < settings.epochs; epoch++) {
        shuffle(order, random);
        let loss = 0;
        for (let from = 0; from < order.length; from += settings.batch) {
          const batch = gather(lists, order.slice(from, from + settings.batch));
          standardise(batch.features, scaling, 0, batch.rows, batch.features);
          const result = gradients(backend, network, batch, LOSSES[settings.loss]);
          loss += result.loss;
          const rate = settings.rate * (1 - step / steps);
          step++;
          states.forEach((state, i) => {
            const gradient = result.gradients[i]!;
            adamStep(state, 0, gradient, 0, gradient.length, { t: step, rate, decay: settings.decay });
          });
          if (step % 16 === 0) {
            progress.update(step, steps, `loss ${(loss / Math.min(order.length, from + settings.batch)).toFixed(4)}`);
            await new Promise((resolve) => setImmediate(resolve));
          }
        }
      }
      return network;
    },
    score: (network, scaling, features) => {
      backend.use();
      const { tf } = backend;
      const rows = features.length / network.inputs;
      if (rows === 0) return new Float32Array(0);
      return scoped(tf, () => forward(tf, network, standardise(features, scaling), rows).scores.slice());
    },
  };
}

interface Batch {
  readonly rows: number;
  readonly features: Float32Array<ArrayBuffer>;
  readonly labels: Float32Array;
  readonly standsFor: Float32Array;
  readonly offsets: readonly number[];
}

function gather(lists: RankerLists, chosen: readonly number[]): Batch {
  const { columns, offsets, features, labels, standsFor } = lists;
  const ends = [0];
  for (const list of chosen) ends.push(ends.at(-1)! + offsets[list + 1]! - offsets[list]!);
  const rows = ends.at(-1)!;
  const batch = {
    rows,
    features: new Float32Array(rows * columns),
    labels: new Float32Array(rows),
    standsFor: new Float32Array(rows).fill(1),
    offsets: ends,
  };
  chosen.forEach((list, i) => {
    batch.features.set(features.subarray(offsets[list]! * columns, offsets[list + 1]! * columns), ends[i]! * columns);
    batch.labels.set(labels.subarray(offsets[list], offsets[list + 1]), ends[i]);
    if (standsFor !== undefined) batch.standsFor.set(standsFor.subarray(offsets[list], offsets[list + 1]), ends[i]);
  });
  return batch;
}

/** Mean gradients over the batch's lists, in the order of `NETWORK_ARRAYS`; the loss is their sum. */
function gradients(backend: TfBackend, network: Network, batch: Batch, listLoss: ListLoss) {
  backend.use();
  const { tf } = backend;
  let loss = 0;
  const arrays = scoped(tf, (): Float32Array[] => {
    const { x, w2, w3, h1, h2, scores } = forward(tf, network, batch.features, batch.rows);
    const byScore = new Float32Array(batch.rows);
    const lists = batch.offsets.length - 1;
    for (let list = 0; list < lists; list++) {
      const from = batch.offsets[list]!;
      const to = batch.offsets[list + 1]!;
      const part = (array: Float32Array): Float32Array => array.subarray(from, to);
      loss += listLoss(part(scores), part(batch.labels), part(byScore), part(batch.standsFor));
    }
    for (let i = 0; i < byScore.length; i++) byScore[i]! /= lists;
    const dScore = tf.tensor2d(byScore, [batch.rows, 1]);
    // The sign of what is not negative is the step; natively the library makes its own from an array of ones.
    const dH2: tfjs.Tensor2D = tf.mul(tf.matMul(dScore, tf.transpose(w3)), tf.sign(h2));
    const dH1: tfjs.Tensor2D = tf.mul(tf.matMul(dH2, tf.transpose(w2)), tf.sign(h1));
    const xT = tf.transpose(x);
    return [
      tf.matMul(xT, dH1),
      tf.sum(dH1, 0),
      tf.matMul(tf.transpose(h1), dH2),
      tf.sum(dH2, 0),
      tf.matMul(tf.transpose(h2), dScore),
      tf.matMul(xT, dScore),
    ].map((tensor) => floats(tensor).slice());
  });
  return { loss, gradients: arrays };
}

/** Scores of standardised rows, with what the way back needs. Call within a scope. */
function forward(tf: typeof tfjs, network: Network, features: Float32Array, rows: number) {
  const { inputs, hidden } = network;
  const [first, second] = hidden;
  const x = tf.tensor2d(features, [rows, inputs]);
  const w2 = tf.tensor2d(network.w2, [first, second]);
  const w3 = tf.tensor2d(network.w3, [second, 1]);
  const h1 = layer(tf, x, tf.tensor2d(network.w1, [inputs, first]), network.b1);
  const h2 = layer(tf, h1, w2, network.b2);
  const direct = tf.matMul(x, tf.tensor2d(network.skip, [inputs, 1]));
  return { x, w2, w3, h1, h2, scores: floats(tf.add(tf.matMul(h2, w3), direct)) };
}

function layer(tf: typeof tfjs, x: tfjs.Tensor2D, weights: tfjs.Tensor2D, bias: Float32Array): tfjs.Tensor2D {
  return tf.relu(tf.add(tf.matMul(x, weights), tf.tensor1d(bias)));
}

/** He's uniform start for the layers before a ReLU, a small one for the last, none for the linear path. */
function initial(inputs: number, hidden: readonly [number, number], random: () => number): Network {
  const network = emptyNetwork(inputs, hidden);
  const fill = (weights: Float32Array, bound: number): void => {
    for (let i = 0; i < weights.length; i++) weights[i] = (2 * random() - 1) * bound;
  };
  fill(network.w1, Math.sqrt(6 / inputs));
  fill(network.w2, Math.sqrt(6 / hidden[0]));
  fill(network.w3, Math.sqrt(1 / hidden[1]));
  return network;
}
