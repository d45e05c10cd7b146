import { KernelMemory, LANES, rowBytes } from '../../kernels/kernelMemory.ts';
import type { Contrast } from './ops.ts';
import { createSoftmaxKernel, EXPONENTIAL_CONSTANTS } from './softmaxKernel.ts';

/** One is enough: nothing here awaits. */
const memory = new KernelMemory();
const kernel = createSoftmaxKernel(memory.memory);

/** The mean loss, and the gradients of the logits: of the negatives' (n × m), of the own targets' (n), summed by negative (m). */
export function softmaxShares(
  logits: Float32Array,
  ownLogits: Float32Array,
  { otherBias, targets, negatives }: Pick<Contrast, 'otherBias' | 'targets' | 'negatives'>,
): { loss: number; shares: Float32Array; ownShares: Float32Array; byBias: Float32Array } {
  const n = ownLogits.length;
  const m = otherBias.length;
  const bytes = rowBytes(m);
  const vectors = bytes / 4 / LANES;
  memory.clear();
  const constants = memory.put(EXPONENTIAL_CONSTANTS, EXPONENTIAL_CONSTANTS.length);
  const fourAt = memory.zeros(LANES, LANES);
  const padded = new Float32Array(bytes / 4).fill(Number.NEGATIVE_INFINITY);
  padded.set(otherBias.map((bias, j) => bias + negatives.corrections[j]!));
  const offsets = memory.put(padded, padded.length);
  const sums = memory.zeros(m, m);
  const rows = memory.put(logits, m);
  const four = memory.view(fourAt, LANES, LANES);
  const numbers = memory.view(rows, logits.length, m);
  const placesOf = new Map<number, number[]>();
  negatives.items.forEach((item, j) => {
    placesOf.set(item, [...(placesOf.get(item) ?? []), j]);
  });
  const ownShares = new Float32Array(n);
  let loss = 0;
  for (let i = 0; i < n; i++) {
    const own = ownLogits[i]!;
    const row = rows + i * bytes;
    for (const j of placesOf.get(targets[i]!) ?? []) numbers[(i * bytes) / 4 + j] = Number.NEGATIVE_INFINITY;
    four.fill(own);
    kernel.shift(row, offsets, fourAt, vectors);
    const peak = Math.max(four[0]!, four[1]!, four[2]!, four[3]!);
    four.fill(peak);
    kernel.exponentials(row, constants, fourAt, vectors);
    const ownWeight = Math.exp(own - peak);
    let total = ownWeight;
    for (let lane = 0; lane < LANES; lane++) total += four[lane]!;
    loss += Math.log(total) + peak - own;
    four.fill(1 / (total * n));
    kernel.scale(row, sums, fourAt, vectors);
    ownShares[i] = (ownWeight / total - 1) / n;
  }
  return { loss: loss / n, shares: memory.read(rows, logits.length, m), ownShares, byBias: memory.read(sums, m, m) };
}
