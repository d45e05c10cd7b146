import { positionBucket } from '../../src/features/state/exposure.ts';

/**
 * Gains as they would be if every place were looked at alike: each over the probability that its place is (inverse propensity
 * scoring; Joachims et al. 2017), at most tenfold. Every list's figure is normalised by the same gains' best order.
 */
export function unbiased(gains: Float32Array, positions: readonly number[], examination: readonly number[]): Float32Array {
  return gains.map((gain, i) => gain / Math.max(0.1, examination[positionBucket(positions[i]!)]!));
}

/** DCG@10 of rows in an order. */
export const dcgOfOrder = (order: readonly number[], gains: ArrayLike<number>): number =>
  order.slice(0, 10).reduce((sum, row, place) => sum + gains[row]! / Math.log2(place + 2), 0);

/** The DCG@10 of the best order. */
export const idealDcg = (gains: Float32Array | readonly number[]): number =>
  dcgOfOrder(
    [...gains.keys()].sort((a, b) => gains[b]! - gains[a]!),
    gains,
  );

/** NDCG@10 of rows in an order. */
export function ndcgOfOrder(order: readonly number[], gains: Float32Array): number {
  const ideal = idealDcg(gains);
  return ideal === 0 ? 0 : dcgOfOrder(order, gains) / ideal;
}

/** How stage one alone would order a list: by the ranks its sources give, in the shares they have of the pool. */
export function stageOneScorer(columns: readonly string[]): (matrix: Float32Array) => Float32Array {
  const parts = [
    [columns.indexOf('retriever.inverseRank'), 0.5],
    [columns.indexOf('covisitation.inverseRank'), 0.5],
    [columns.indexOf('popularity.recent'), 1e-4],
  ] as const;
  return (matrix) =>
    Float32Array.from({ length: matrix.length / columns.length }, (_, row) =>
      parts.reduce((sum, [column, weight]) => sum + weight * matrix[row * columns.length + column]!, 0),
    );
}
