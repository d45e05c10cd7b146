import { type TfBackend, trainingBackend } from '../../src/adapters/tfjs/backend.ts';
import { floats, layerNorm } from '../../src/adapters/tfjs/ops.ts';
import { poolForward } from '../../src/adapters/tfjs/pool.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { createEmbedderModel } from '../../src/retrieval/embedderModel.ts';
import { type EmbedderSettings, type EmbedderWeights, initialWeights } from '../../src/retrieval/embedderWeights.ts';
import { type BenchReport, quantile, rounded } from './report.ts';

const ITEMS = 5000;
const QUERIES = 3000;
/** The largest model that a build chooses by itself. */
const settings: EmbedderSettings = {
  seed: 1,
  dimensions: 128,
  hidden: 128,
  historyLength: 32,
  epochs: 1,
  dropout: 0,
  idDropout: 0,
  negatives: 512,
  batchPositions: 2048,
  learningRate: 0.01,
  warmupSteps: 1,
  weightDecay: 0,
};

/** Time to compute a query vector from a full history: as it is served, against TensorFlow.js's operations on WebAssembly. */
export async function run(): Promise<BenchReport> {
  const weights = initialWeights(settings, { itemCount: ITEMS, featureCount: 0, textDimensions: 0 });
  const model = createEmbedderModel('bench', weights);
  const none = { features: new Int32Array(0), weights: new Float32Array(0), text: undefined };
  for (let i = 0; i < ITEMS; i++) model.set(i, model.compose(none, i));
  const random = seededRandom(2);
  const histories = Array.from({ length: QUERIES }, () => Int32Array.from({ length: 50 }, () => Math.floor(ITEMS * random())));
  const backend = await trainingBackend({ prefer: 'wasm' });

  const served = measure(histories, (history) => model.query(history));
  const wasm = measure(histories, (history) => queryOnBackend(backend, weights, history));
  const difference = Math.max(
    ...histories.slice(0, 100).map((history) => {
      const [a, b] = [model.query(history)!, queryOnBackend(backend, weights, history)];
      return Math.max(...b.map((x, j) => Math.abs(x - a[j]!)));
    }),
  );
  const row = (name: string, times: number[]) => [name, ...[0.5, 0.95, 0.99].map((q) => rounded(quantile(times, q), 4))];
  return {
    name: 'query-vector',
    title: 'A query vector from a history of 50 items',
    setup: { dimensions: settings.dimensions, historyRead: settings.historyLength, hidden: settings.hidden, queries: QUERIES },
    columns: ['how', 'p50 ms', 'p95 ms', 'p99 ms'],
    rows: [row('as served', served), row('TensorFlow.js on WebAssembly', wasm)],
    checks: [
      {
        what: 'as served, p50',
        expected: '< 0.25 ms',
        measured: rounded(quantile(served, 0.5), 4),
        passed: quantile(served, 0.5) < 0.25,
      },
      { what: 'largest difference of the two', expected: '< 1e-4', measured: difference, passed: difference < 1e-4 },
    ],
  };
}

function measure(histories: readonly Int32Array[], query: (history: Int32Array) => unknown): number[] {
  for (const history of histories.slice(0, 500)) query(history);
  const times = histories.map((history) => {
    const start = performance.now();
    query(history);
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b);
}

/** The same model with the library's operations; pooling is the trainer's loop, as neither backend has a kernel for it. */
function queryOnBackend({ tf, use }: TfBackend, weights: EmbedderWeights, history: Int32Array): Float32Array {
  const { dimensions: d, hidden, historyLength } = weights.settings;
  use();
  tf.engine().startScope('query');
  try {
    const read = history.slice(-historyLength);
    const rows = new Float32Array(read.length * d);
    for (const [i, item] of read.entries()) rows.set(weights.itemIn.subarray(item * d, (item + 1) * d), i * d);
    const windows = { last: Int32Array.of(read.length - 1), length: Int32Array.of(read.length) };
    const pooled = tf.tensor2d(poolForward(rows, weights.positions, windows, d), [1, d]);
    const inner = tf.relu(tf.add(tf.matMul(pooled, tf.tensor2d(weights.expand, [d, hidden])), tf.tensor1d(weights.expandBias)));
    const contracted = tf.add(tf.matMul(inner, tf.tensor2d(weights.contract, [hidden, d])), tf.tensor1d(weights.contractBias));
    return floats(
      layerNorm(tf, tf.add(pooled, contracted), tf.tensor1d(weights.normScale), tf.tensor1d(weights.normShift)).value,
    );
  } finally {
    tf.engine().endScope();
  }
}
