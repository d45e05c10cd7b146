import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../domain/random.ts';
import { type TfBackend, trainingBackend } from './backend.ts';
import { floats } from './ops.ts';

/** relu(a × b + c), normalised by row, in plain TypeScript. */
function reference(a: Float32Array, b: Float32Array, c: Float32Array, n: number, k: number, m: number): Float64Array {
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    let total = 0;
    for (let j = 0; j < m; j++) {
      let sum = c[j]!;
      for (let l = 0; l < k; l++) sum += a[i * k + l]! * b[l * m + j]!;
      out[i * m + j] = Math.exp(Math.max(0, sum));
      total += out[i * m + j]!;
    }
    for (let j = 0; j < m; j++) out[i * m + j]! /= total;
  }
  return out;
}

function compute(
  { tf, use }: TfBackend,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  n: number,
  k: number,
  m: number,
): Float32Array {
  use();
  return tf
    .tidy(() => {
      const x = tf.relu(tf.add(tf.matMul(tf.tensor2d(a, [n, k]), tf.tensor2d(b, [k, m])), tf.tensor1d(c)));
      const weights = tf.exp(x);
      const result = tf.tensor1d(floats(tf.div(weights, tf.sum(weights, 1, true))));
      return tf.keep(result);
    })
    .dataSync<'float32'>();
}

const random = seededRandom(3);
const [n, k, m] = [20, 31, 17];
const uniform = (length: number) => Float32Array.from({ length }, () => random() - 0.5);
const [a, b, c] = [uniform(n * k), uniform(k * m), uniform(m)];
const expected = reference(a, b, c, n, k, m);

describe('backends', () => {
  test('WebAssembly gives the numbers of plain arithmetic within 1e-4', async () => {
    const backend = await trainingBackend({ prefer: 'wasm' });
    expect(backend.name).toBe('wasm');
    const got = compute(backend, a, b, c, n, k, m);
    for (let i = 0; i < expected.length; i++) expect(Math.abs(got[i]! - expected[i]!)).toBeLessThan(1e-4);
  });

  test('training takes native TensorFlow where it works, with the same numbers within 1e-4', async () => {
    const backend = await trainingBackend();
    if (backend.name !== 'native') console.warn(`native TensorFlow is not compared: ${backend.why}`);
    const got = compute(backend, a, b, c, n, k, m);
    for (let i = 0; i < expected.length; i++) expect(Math.abs(got[i]! - expected[i]!)).toBeLessThan(1e-4);
    const wasm = compute(await trainingBackend({ prefer: 'wasm' }), a, b, c, n, k, m);
    for (let i = 0; i < wasm.length; i++) expect(Math.abs(got[i]! - wasm[i]!)).toBeLessThan(1e-4);
  });

  test('each says why it was chosen, and `use` switches between them', async () => {
    const training = await trainingBackend();
    const wasm = await trainingBackend({ prefer: 'wasm' });
    expect(training.why).not.toBe('');
    expect(training.tf.getBackend()).toBe('wasm');
    training.use();
    expect(training.tf.getBackend()).toBe(training.name === 'native' ? 'tensorflow' : 'wasm');
    wasm.use();
    expect(wasm.tf.getBackend()).toBe('wasm');
    expect((await trainingBackend({ prefer: 'wasm' })).name).toBe('wasm');
  });
});
