import { type Network, scoreWithGradient } from './network.ts';

const STEPS = 32;

/** What `attribute` does, for whoever reads its numbers. */
export const ATTRIBUTION_METHOD = 'integrated gradients from the average training row';

/**
 * Each column's part in each row's score: integrated gradients (Sundararajan et al. 2017) along the straight line from the
 * average training row, which standardised is all zeros. A row's parts add up to its score less that row's; what the sum of
 * the steps leaves over is shared out in proportion.
 * @param rows standardised, row-major
 */
export function attribute(network: Network, features: Float32Array, rows: number): Float32Array {
  const { inputs } = network;
  const parts = new Float32Array(rows * inputs);
  const point = new Float32Array(inputs);
  const gradient = new Float32Array(inputs);
  const sum = new Float64Array(inputs);
  const zero = scoreWithGradient(network, point, gradient);
  for (let row = 0; row < rows; row++) {
    const x = features.subarray(row * inputs, (row + 1) * inputs);
    sum.fill(0);
    for (let step = 0; step < STEPS; step++) {
      const share = (step + 0.5) / STEPS;
      for (let i = 0; i < inputs; i++) point[i] = share * x[i]!;
      scoreWithGradient(network, point, gradient);
      for (let i = 0; i < inputs; i++) sum[i]! += gradient[i]!;
    }
    let total = 0;
    let size = 0;
    for (let i = 0; i < inputs; i++) {
      const part = (x[i]! * sum[i]!) / STEPS;
      parts[row * inputs + i] = part;
      total += part;
      size += Math.abs(part);
    }
    const left = scoreWithGradient(network, x, gradient) - zero - total;
    if (size > 0) for (let i = 0; i < inputs; i++) parts[row * inputs + i]! += (left * Math.abs(parts[row * inputs + i]!)) / size;
  }
  return parts;
}
