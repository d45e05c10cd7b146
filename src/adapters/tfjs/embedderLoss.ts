import type * as tfjs from '@tensorflow/tfjs-core';
import type { ContentMatrix } from '../../retrieval/contentMatrix.ts';
import type { DENSE_NAMES, EmbedderSettings, EmbedderWeights } from '../../retrieval/embedderWeights.ts';
import type { Batch } from './embedderBatches.ts';
import type { Negatives } from './negatives.ts';
import { floats, layerNorm, productGradients, sampledSoftmax } from './ops.ts';
import { poolBackward, poolForward } from './pool.ts';

/** What one step needs beside the dense weights: rows of the embedding tables, gathered, without the items' texts. */
export interface StepInputs {
  readonly batch: Batch;
  readonly negatives: Negatives;
  readonly dropped: (item: number) => boolean;
  readonly content: ContentMatrix;
  /** d a row for inputs; d + 1 a row, the bias last, for outputs. */
  readonly rows: Float32Array;
  readonly own: Float32Array;
  readonly others: Float32Array;
  readonly rowMask: Float32Array | undefined;
  readonly queryMask: Float32Array | undefined;
}

/** The mean loss and its gradients, by the gathered rows and by the dense weights. */
export interface StepGradients {
  readonly loss: number;
  readonly rows: Float32Array;
  /** d + 1 a row, like the inputs. */
  readonly own: Float32Array;
  readonly others: Float32Array;
  readonly dense: Readonly<Partial<Record<(typeof DENSE_NAMES)[number], Float32Array>>>;
}

/** One step's forward and backward pass. Call within a scope: its tensors are the scope's. */
export function embedderLoss(
  tf: typeof tfjs,
  inputs: StepInputs,
  weights: EmbedderWeights,
  settings: EmbedderSettings,
): StepGradients {
  const { batch, negatives, content } = inputs;
  const { dimensions: d, hidden } = settings;
  const n = batch.targets.length;
  const m = negatives.items.length;
  const text = content.textDimensions > 0 ? textPart(tf, inputs, weights, d) : undefined;

  // Histories, pooled with a weight for each age and dimension; neither backend has a kernel for ragged windows.
  const rows = inputs.rows.slice();
  if (text !== undefined) addInto(rows, floats(text.rows));
  if (inputs.rowMask !== undefined) multiplyInto(rows, inputs.rowMask);
  const pooled = tf.tensor2d(poolForward(rows, weights.positions, batch.windows, d), [n, d]);
  // Residual feed-forward and LayerNorm: the queries.
  const expand = tf.tensor2d(weights.expand, [d, hidden]);
  const contract = tf.tensor2d(weights.contract, [hidden, d]);
  const inner = tf.relu(tf.add(tf.matMul(pooled, expand), tf.tensor1d(weights.expandBias)));
  const residual = tf.add(pooled, tf.add(tf.matMul(inner, contract), tf.tensor1d(weights.contractBias)));
  const norm = layerNorm(tf, residual, tf.tensor1d(weights.normScale), tf.tensor1d(weights.normShift));
  const queryMask = inputs.queryMask === undefined ? undefined : tf.tensor2d(inputs.queryMask, [n, d]);
  const queries = queryMask === undefined ? norm.value : tf.mul(norm.value, queryMask);

  const own = outputs(tf, inputs.own, n, d, text?.own);
  const others = outputs(tf, inputs.others, m, d, text?.others);
  const softmax = sampledSoftmax(tf, queries, {
    own: own.vectors,
    ownBias: own.bias,
    others: others.vectors,
    otherBias: floats(others.bias),
    targets: batch.targets,
    negatives,
  });

  const byNorm = norm.gradients(queryMask === undefined ? softmax.queries : tf.mul(softmax.queries, queryMask));
  const byContract = productGradients(tf, byNorm.x, inner, contract);
  // The sign of what is not negative is the step; natively the library makes its own from an array of ones.
  const byInner = tf.mul(byContract.a, tf.sign(inner));
  const byExpand = productGradients(tf, byInner, pooled, expand);
  const byPool = poolBackward(floats(tf.add(byNorm.x, byExpand.a)), rows, weights.positions, batch.windows, d);
  if (inputs.rowMask !== undefined) multiplyInto(byPool.rows, inputs.rowMask);
  const byOther = tf.concat([softmax.others, tf.tensor2d(softmax.otherBias, [m, 1])], 1);
  const byOwn = tf.concat([softmax.own, softmax.ownBias], 1);
  return {
    loss: softmax.loss,
    rows: byPool.rows,
    own: floats(byOwn),
    others: floats(byOther),
    dense: {
      positions: byPool.positions,
      expand: floats(byExpand.b),
      expandBias: floats(tf.sum(byInner, 0)),
      contract: floats(byContract.b),
      contractBias: floats(tf.sum(byNorm.x, 0)),
      normScale: floats(byNorm.scale),
      normShift: floats(byNorm.shift),
      ...text?.gradients(tf.tensor2d(byPool.rows, [batch.rows.length, d]), byOwn, byOther),
    },
  };
}

/** What the items' texts add to the gathered rows: the embedded text times a learned matrix, for inputs and outputs. */
function textPart(tf: typeof tfjs, inputs: StepInputs, weights: EmbedderWeights, d: number) {
  const width = inputs.content.textDimensions;
  const texts = (items: Int32Array) => tf.tensor2d(textRows(inputs.content, items), [items.length, width]);
  const [rows, own, others] = [texts(inputs.batch.rows), texts(inputs.batch.targets), texts(inputs.negatives.items)];
  const toInput = tf.tensor2d(weights.textIn, [width, d]);
  const toOutput = tf.concat([tf.tensor2d(weights.textOut, [width, d]), tf.tensor2d(weights.textBias, [width, 1])], 1);
  return {
    rows: tf.matMul(rows, toInput),
    own: tf.matMul(own, toOutput),
    others: tf.matMul(others, toOutput),
    gradients(byRows: tfjs.Tensor, byOwn: tfjs.Tensor, byOthers: tfjs.Tensor) {
      const byOutput = tf.add(tf.matMul(tf.transpose(own), byOwn), tf.matMul(tf.transpose(others), byOthers));
      return {
        textIn: floats(tf.matMul(tf.transpose(rows), byRows)),
        textOut: floats(tf.slice(byOutput, [0, 0], [width, d])),
        textBias: floats(tf.slice(byOutput, [0, d], [width, 1])),
      };
    },
  };
}

/** Output rows of d + 1 numbers as vectors and biases, with their texts' part added. */
function outputs(tf: typeof tfjs, gathered: Float32Array, count: number, d: number, text: tfjs.Tensor | undefined) {
  const plain = tf.tensor2d(gathered, [count, d + 1]);
  const whole = text === undefined ? plain : tf.add(plain, text);
  return { vectors: tf.slice(whole, [0, 0], [count, d]), bias: tf.slice(whole, [0, d], [count, 1]) };
}

function addInto(target: Float32Array, source: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += source[i]!;
}

function multiplyInto(target: Float32Array, factors: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i]! *= factors[i]!;
}

function textRows(content: ContentMatrix, items: Int32Array): Float32Array {
  const { textDimensions, text } = content;
  const out = new Float32Array(items.length * textDimensions);
  for (let i = 0; i < items.length; i++) {
    out.set(text.subarray(items[i]! * textDimensions, (items[i]! + 1) * textDimensions), i * textDimensions);
  }
  return out;
}
