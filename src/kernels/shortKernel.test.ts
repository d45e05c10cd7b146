import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../domain/random.ts';
import { pages } from './pages.ts';
import { createShortKernel, packShortMatrix, shortMatrixBytes, shortRoom } from './shortKernel.ts';

interface Layer {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly inputs: number;
}

/** The kernel's products with some rows, and what of them is above zero. */
function products({ weights, bias, inputs }: Layer, x: Float32Array): { multiplied: Float32Array; rectified: Float32Array } {
  const rows = x.length / inputs;
  const outputs = bias.length;
  const at = shortRoom(rows, inputs);
  const from = at + shortMatrixBytes(inputs, outputs);
  const to = from + 4 * x.length;
  const memory = pages(to + 4 * rows * outputs);
  const { multiply, rectify } = createShortKernel(memory, 0, rows);
  const matrix = packShortMatrix(weights, bias, inputs, memory.buffer, at);
  new Float32Array(memory.buffer, from, x.length).set(x);
  const run = (kernel: typeof multiply): Float32Array => {
    kernel(from, rows, matrix, to);
    return new Float32Array(memory.buffer, to, rows * outputs).slice();
  };
  return { multiplied: run(multiply), rectified: run(rectify) };
}

function expected({ weights, bias, inputs }: Layer, x: Float32Array): Float32Array {
  const outputs = bias.length;
  return Float32Array.from({ length: (x.length / inputs) * outputs }, (_, i) => {
    const row = Math.floor(i / outputs);
    let sum = bias[i % outputs]!;
    for (let j = 0; j < inputs; j++) sum += x[row * inputs + j]! * weights[j * outputs + (i % outputs)]!;
    return sum;
  });
}

const most = (numbers: Float32Array): number => numbers.reduce((a, b) => Math.max(a, Math.abs(b)), 0);

describe('products in 16 bits', () => {
  const shape = fc.record({
    inputs: fc.integer({ min: 1, max: 40 }).map((n) => 8 * n),
    outputs: fc.integer({ min: 1, max: 6 }).map((n) => 8 * n),
    rows: fc.integer({ min: 1, max: 15 }),
    spread: fc.constantFrom(1e-6, 1, 1e6),
    seed: fc.nat(),
  });

  it('are about what the floats give, whatever the size of the numbers and the number of rows', () => {
    fc.assert(
      fc.property(shape, ({ inputs, outputs, rows, spread, seed }) => {
        const random = seededRandom(seed);
        const numbers = (length: number, size: number) => Float32Array.from({ length }, () => size * (random() - 0.5));
        const layer = { weights: numbers(inputs * outputs, 1), bias: numbers(outputs, spread), inputs };
        const x = numbers(rows * inputs, spread);
        const { multiplied, rectified } = products(layer, x);
        const wanted = expected(layer, x);
        // Errors of single products are independent: their sum is that of a random walk.
        const margin = 3e-3 * spread * Math.sqrt(inputs);
        wanted.forEach((value, i) => {
          expect(Math.abs(multiplied[i]! - value)).toBeLessThan(margin);
          expect(rectified[i]).toBe(Math.max(0, multiplied[i]!));
        });
      }),
      { numRuns: 60 },
    );
  });

  it('do not overflow where every product is as large as it can be', () => {
    const inputs = 1536;
    const layer = { weights: new Float32Array(inputs * 8).fill(-3), bias: new Float32Array(8).fill(1), inputs };
    const { multiplied } = products(layer, new Float32Array(2 * inputs).fill(7));
    for (const value of multiplied) expect(value / (1 - 21 * inputs)).toBeCloseTo(1, 2);
  });

  it('of nothing are the bias', () => {
    const layer = { weights: new Float32Array(8 * 8), bias: Float32Array.from({ length: 8 }, (_, i) => i - 3), inputs: 8 };
    const { multiplied } = products(layer, new Float32Array(3 * 8));
    expect([...multiplied.subarray(16)]).toEqual([...layer.bias]);
    expect(most(products({ ...layer, weights: layer.weights.fill(2) }, new Float32Array(8)).multiplied)).toBe(4);
  });
});
