import { createMultiply, loadMatrix, packedLength } from '../kernels/matrixKernel.ts';
import { pages } from '../kernels/pages.ts';
import type { EmbedderWeights } from './embedderWeights.ts';

/** What the kernel's rows and columns must be multiples of. */
const PADDING = 8;
const padded = (length: number): number => Math.ceil(length / PADDING) * PADDING;

/** The feed-forward layer as it serves, from a pooled history [d] to what is added to it [d]; good until the next call. */
export type FeedForward = (pooled: Float64Array) => Float32Array;

/** `max(0, x·E + e)·C + c`, in single precision on the matrix kernel: a query takes microseconds. */
export function createFeedForward(weights: EmbedderWeights): FeedForward {
  const { dimensions, hidden } = weights.settings;
  const [d, h] = [padded(dimensions), padded(hidden)];
  const [expandLength, contractLength] = [packedLength(d, h), packedLength(h, d)];
  const x = 4 * (expandLength + contractLength);
  const memory = pages(x + 4 * (d + h + d));
  const expand = { at: 0, inputs: d, outputs: h };
  const contract = { at: 4 * expandLength, inputs: h, outputs: d };
  loadMatrix(memory, expand, weights.expand, weights.expandBias);
  loadMatrix(memory, contract, weights.contract, weights.contractBias);
  const rectify = createMultiply(memory, { relu: true });
  const multiply = createMultiply(memory);
  const input = new Float32Array(memory.buffer, x, d);
  const output = new Float32Array(memory.buffer, x + 4 * (d + h), dimensions);
  return (pooled) => {
    input.set(pooled);
    rectify(x, 1, expand, x + 4 * d);
    multiply(x + 4 * d, 1, contract, x + 4 * (d + h));
    return output;
  };
}
