import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../domain/random.ts';
import { contentMatrix } from '../../retrieval/contentMatrix.ts';
import { createEmbedderModel } from '../../retrieval/embedderModel.ts';
import { DENSE_NAMES, type EmbedderSettings, type EmbedderWeights, initialWeights } from '../../retrieval/embedderWeights.ts';
import { type TfBackend, trainingBackend } from './backend.ts';
import { embedderLoss, type StepGradients, type StepInputs } from './embedderLoss.ts';
import { createRowUpdater } from './embedderUpdate.ts';

const settings: EmbedderSettings = {
  seed: 5,
  dimensions: 4,
  hidden: 6,
  historyLength: 3,
  epochs: 1,
  dropout: 0,
  idDropout: 0,
  negatives: 5,
  batchPositions: 16,
  learningRate: 0.01,
  warmupSteps: 1,
  weightDecay: 0,
};
const itemCount = 9;
const random = seededRandom(8);
const rows = Array.from({ length: itemCount }, (_, i) => ({
  features: Int32Array.of(i % 3),
  weights: Float32Array.of(1),
  text: Float32Array.from({ length: 2 }, () => random() - 0.5),
}));
const content = contentMatrix(rows, 3, 2);
const weights = initialWeights(settings, { itemCount, featureCount: 3, textDimensions: 2 });

function inputsOf(w: EmbedderWeights): StepInputs {
  const batch = {
    rows: Int32Array.of(0, 4, 2, 7, 1, 3),
    windows: { last: Int32Array.of(0, 1, 3, 5), length: Int32Array.of(1, 2, 3, 2) },
    targets: Int32Array.of(4, 2, 8, 6),
  };
  const negatives = { items: Int32Array.of(1, 8, 5, 0, 3), corrections: Float32Array.of(0, 0.5, 1, 0.3, 0.8) };
  const never = () => false;
  const { rowsOf } = createRowUpdater(w, content, settings);
  return {
    batch,
    negatives,
    dropped: never,
    content,
    rows: rowsOf(batch.rows, 'in', never),
    own: rowsOf(batch.targets, 'out', never),
    others: rowsOf(negatives.items, 'out', never),
    rowMask: undefined,
    queryMask: undefined,
  };
}

function step(backend: TfBackend, inputs: StepInputs, w: EmbedderWeights): StepGradients {
  backend.use();
  backend.tf.engine().startScope('test');
  const result = embedderLoss(backend.tf, inputs, w, settings);
  backend.tf.engine().endScope();
  return result;
}

describe('embedderLoss', () => {
  test('its gradients are the slopes of its loss', async () => {
    const backend = await trainingBackend({ prefer: 'wasm' });
    const inputs = inputsOf(weights);
    const { dense, rows: byRows, own, others } = step(backend, inputs, weights);
    const slope = (array: Float32Array, i: number) => {
      const h = 1e-2;
      const at = array[i]!;
      array[i] = at + h;
      const above = step(backend, inputs, weights).loss;
      array[i] = at - h;
      const below = step(backend, inputs, weights).loss;
      array[i] = at;
      return (above - below) / (2 * h);
    };
    const check = (array: Float32Array, gradient: Float32Array) => {
      for (let i = 0; i < array.length; i++) expect(gradient[i]).toBeCloseTo(slope(array, i), 2);
    };
    for (const name of DENSE_NAMES) check(weights[name], dense[name]!);
    check(inputs.rows, byRows);
    check(inputs.own, own);
    check(inputs.others, others);
  });

  test('both backends give the same within 1e-4, and leave no tensor behind', async () => {
    const wasm = await trainingBackend({ prefer: 'wasm' });
    const training = await trainingBackend();
    if (training.name !== 'native') console.warn(`native TensorFlow is not compared: ${training.why}`);
    const inputs = inputsOf(weights);
    const before = wasm.tf.memory().numTensors;
    const [a, b] = [step(wasm, inputs, weights), step(training, inputs, weights)];
    expect(wasm.tf.memory().numTensors).toBe(before);
    expect(Math.abs(a.loss - b.loss)).toBeLessThan(1e-4);
    for (const name of DENSE_NAMES) {
      for (let i = 0; i < a.dense[name]!.length; i++)
        expect(Math.abs(a.dense[name]![i]! - b.dense[name]![i]!)).toBeLessThan(1e-4);
    }
  });

  test('serving computes the same loss', async () => {
    const inputs = inputsOf(weights);
    const { loss } = step(await trainingBackend({ prefer: 'wasm' }), inputs, weights);
    const model = createEmbedderModel('test', weights);
    for (let i = 0; i < itemCount; i++) model.set(i, model.compose(rows[i]!, i));
    const { last, length } = inputs.batch.windows;
    let sum = 0;
    for (let t = 0; t < last.length; t++) {
      const query = model.query(inputs.batch.rows.subarray(last[t]! - length[t]! + 1, last[t]! + 1))!;
      const target = inputs.batch.targets[t]!;
      const scores = new Float32Array(itemCount);
      model.scoreAll(query, scores);
      let total = Math.exp(scores[target]!);
      inputs.negatives.items.forEach((other, j) => {
        if (other !== target) total += Math.exp(scores[other]! + inputs.negatives.corrections[j]!);
      });
      sum += Math.log(total) - scores[target]!;
    }
    expect(sum / last.length).toBeCloseTo(loss, 5);
  });
});
