import type * as tfjs from '@tensorflow/tfjs-core';
import { LAYER_NORM_EPSILON } from '../../retrieval/embedderWeights.ts';
import type { Negatives } from './negatives.ts';
import { softmaxShares } from './softmax.ts';

/**
 * Operations with their gradients written out. The library's own tape is not used: its matMul gradient multiplies with
 * transpose flags, which WebAssembly's kernel does ten times slower than plain products, and the small builds of the library
 * register no gradients at all.
 */
type Tf = typeof tfjs;
type Tensor = tfjs.Tensor;

/** Gradients of `matMul(a, b)` for `dy`. */
export const productGradients = (tf: Tf, dy: Tensor, a: Tensor, b: Tensor) => ({
  a: tf.matMul(dy, tf.transpose(b)),
  b: tf.matMul(tf.transpose(a), dy),
});

/** Over the last dimension of x [n, d], with a learned scale and shift [d] (Ba et al. 2016). */
export function layerNorm(tf: Tf, x: Tensor, scale: Tensor, shift: Tensor) {
  const d = x.shape[1]!;
  const centred = tf.sub(x, tf.mean(x, 1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.mul(centred, centred), 1, true), LAYER_NORM_EPSILON));
  const unit = tf.mul(centred, inverse);
  return {
    value: tf.add(tf.mul(unit, scale), shift),
    gradients(dy: Tensor) {
      const byUnit = tf.mul(dy, scale);
      const projected = tf.mul(unit, tf.div(tf.sum(tf.mul(byUnit, unit), 1, true), d));
      return {
        x: tf.mul(inverse, tf.sub(tf.sub(byUnit, tf.mean(byUnit, 1, true)), projected)),
        scale: tf.sum(tf.mul(dy, unit), 0),
        shift: tf.sum(dy, 0),
      };
    },
  };
}

/** What a batch's queries [n, d] are scored against. */
export interface Contrast {
  /** [n, d], [n, 1]: each query's own target. */
  readonly own: Tensor;
  readonly ownBias: Tensor;
  /** [m, d], and m numbers: negatives, shared by all queries. */
  readonly others: Tensor;
  readonly otherBias: Float32Array;
  /** Items of the targets: a query's own is none of its negatives. */
  readonly targets: Int32Array;
  readonly negatives: Negatives;
}

/**
 * Mean cross-entropy of each query's target against shared negatives, their logits corrected for the sampling (Bengio and
 * Senécal 2008; Jean et al. 2015), so that it estimates the softmax over all items; and its gradients. The products are the
 * backend's; the passes over the n × m logits are a kernel's.
 */
export function sampledSoftmax(tf: Tf, queries: Tensor, contrast: Contrast) {
  const { own, ownBias, others } = contrast;
  const n = queries.shape[0]!;
  const m = others.shape[0]!;
  const ownLogits = floats(tf.add(tf.sum(tf.mul(queries, own), 1, true), ownBias));
  const logits = floats(tf.matMul(queries, tf.transpose(others)));
  const result = softmaxShares(logits, ownLogits, contrast);
  const shares = tf.tensor2d(result.shares, [n, m]);
  const ownShares = tf.tensor2d(result.ownShares, [n, 1]);
  return {
    loss: result.loss,
    queries: tf.add(tf.matMul(shares, others), tf.mul(own, ownShares)),
    own: tf.mul(queries, ownShares),
    ownBias: ownShares,
    others: tf.transpose(tf.matMul(tf.transpose(queries), shares)),
    otherBias: result.byBias,
  };
}

/**
 * Runs `compute` and frees the tensors it made. For what returns numbers: `tf.tidy` looks through those one by one for tensors,
 * which takes longer than the products.
 */
export function scoped<T>(tf: Tf, compute: () => T): T {
  tf.engine().startScope();
  try {
    return compute();
  } finally {
    tf.engine().endScope();
  }
}

/** A tensor's numbers, which are floats for every tensor made here. */
export function floats(tensor: Tensor): Float32Array {
  const data = tensor.dataSync();
  if (!(data instanceof Float32Array)) throw new Error(`expected a float tensor, got ${tensor.dtype}`);
  return data;
}
