import { createMultiply, loadMatrix, type PackedMatrix, packedLength } from '../../kernels/matrixKernel.ts';
import { pages } from '../../kernels/pages.ts';
import { type Network, partsOf } from '../../ranking/network.ts';
import type { Scaling } from '../../ranking/standardise.ts';
import { createScaleRow, packScaling, scalingLength } from './scaleKernel.ts';

/** A network's scores of as many rows of raw columns. */
export type ScoreRows = (features: Float32Array, rows: number) => Float32Array;

/** What the kernel's matrices must be multiples of. */
const INPUTS = 4;
const OUTPUTS = 8;
/** Rows that are scored at once. */
const ROWS = 256;
const padded = (length: number, to: number): number => Math.ceil(length / to) * to;

/**
 * A network where the kernel of products finds it, its columns scaled on the way in. The networks that were put together are
 * multiplied apart, so that nothing is multiplied with the zeros between them.
 */
export function loadNetwork(network: Network, scaling: Scaling): ScoreRows {
  const { inputs, skip } = network;
  const parts = partsOf(network);
  const width = padded(inputs, INPUTS);
  const first = padded(Math.max(...parts.map(({ hidden }) => hidden[0])), OUTPUTS);
  const second = padded(Math.max(...parts.map(({ hidden }) => hidden[1])), OUTPUTS);
  const weights = parts.length * (packedLength(width, first) + packedLength(first, second) + packedLength(second, OUTPUTS));
  const fixed = weights + packedLength(width, OUTPUTS) + scalingLength(width);
  const x = 4 * fixed;
  const memory = pages(x + 4 * ROWS * (width + first + second + OUTPUTS));
  const multiply = createMultiply(memory);
  const rectify = createMultiply(memory, { relu: true });
  let end = 0;
  const load = (values: Float32Array, bias: Float32Array, [from, to]: readonly [number, number]): PackedMatrix => {
    const matrix = { at: 4 * end, inputs: from, outputs: to };
    loadMatrix(memory, matrix, values, bias);
    end += packedLength(from, to);
    return matrix;
  };
  /** What leads to a single number, which has no bias. */
  const none = new Float32Array(1);
  const straight = load(skip, none, [width, OUTPUTS]);
  const layers = parts.map(({ w1, b1, w2, b2, w3 }) => ({
    first: load(w1, b1, [width, first]),
    second: load(w2, b2, [first, second]),
    last: load(w3, none, [second, OUTPUTS]),
  }));
  const scale = createScaleRow(memory);
  const mean = 4 * end;
  packScaling(scaling, width, new Float32Array(memory.buffer, mean, scalingLength(width)));
  const h1 = x + 4 * ROWS * width;
  const h2 = h1 + 4 * ROWS * first;
  const y = h2 + 4 * ROWS * second;
  const raw = new Float32Array(memory.buffer, x, ROWS * width);
  const out = new Float32Array(memory.buffer, y, ROWS * OUTPUTS);
  const scoreSome = (features: Float32Array, from: number, rows: number, scores: Float32Array): void => {
    for (let row = 0; row < rows; row++)
      raw.set(features.subarray((from + row) * inputs, (from + row + 1) * inputs), row * width);
    for (let row = 0; row < rows; row++) scale(x + 4 * row * width, mean, mean + 4 * width, mean + 8 * width, width / 4);
    multiply(x, rows, straight, y);
    for (let row = 0; row < rows; row++) scores[from + row] = out[row * OUTPUTS]!;
    for (const layer of layers) {
      rectify(x, rows, layer.first, h1);
      rectify(h1, rows, layer.second, h2);
      multiply(h2, rows, layer.last, y);
      for (let row = 0; row < rows; row++) scores[from + row]! += out[row * OUTPUTS]!;
    }
  };
  return (features, rows) => {
    const scores = new Float32Array(rows);
    for (let from = 0; from < rows; from += ROWS) scoreSome(features, from, Math.min(ROWS, rows - from), scores);
    return scores;
  };
}
