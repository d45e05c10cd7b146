import { type Interactions, toSequences } from '../../retrieval/interactions.ts';
import type { Baseline } from './baseline.ts';

/** The most items whose Gram matrix is inverted: time grows with the cube. The most popular ones stand for the catalogue. */
const MOST_ITEMS = 2000;
const REGULARISATION = 200;

/**
 * EASE (Steck 2019): the linear autoencoder in closed form, over the most popular items. B = −P / diag(P) off the diagonal,
 * with P the inverse of XᵀX + λI.
 */
export function ease(interactions: Interactions): Baseline {
  const { offsets, items } = toSequences(interactions);
  const counts = new Float64Array(interactions.itemCount);
  for (const item of items) counts[item]!++;
  const kept = Array.from(counts.keys())
    .filter((item) => counts[item]! > 0)
    .sort((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, MOST_ITEMS);
  const place = new Int32Array(interactions.itemCount).fill(-1);
  kept.forEach((item, i) => {
    place[item] = i;
  });
  const n = kept.length;
  const gram = new Float64Array(n * n);
  for (let a = 0; a + 1 < offsets.length; a++) {
    const own = [...new Set(items.subarray(offsets[a], offsets[a + 1]))].map((item) => place[item]!).filter((p) => p >= 0);
    for (const p of own) for (const q of own) gram[p * n + q]! += 1;
  }
  for (let i = 0; i < n; i++) gram[i * n + i]! += REGULARISATION;
  const inverse = invertPositiveDefinite(gram, n);
  const scores = new Float32Array(interactions.itemCount);
  return {
    name: 'EASE',
    score: (history) => {
      scores.fill(0);
      for (const item of history) {
        const from = place[item] ?? -1;
        if (from < 0) continue;
        for (let to = 0; to < n; to++) {
          if (to !== from) scores[kept[to]!]! -= inverse[from * n + to]! / inverse[to * n + to]!;
        }
      }
      return scores;
    },
  };
}

/** Inverse of a symmetric positive definite matrix, row-major, by Gauss–Jordan without pivoting, in place. */
function invertPositiveDefinite(matrix: Float64Array, n: number): Float64Array {
  for (let k = 0; k < n; k++) {
    const pivot = 1 / matrix[k * n + k]!;
    matrix[k * n + k] = 1;
    for (let j = 0; j < n; j++) matrix[k * n + j]! *= pivot;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = matrix[i * n + k]!;
      if (factor === 0) continue;
      matrix[i * n + k] = 0;
      for (let j = 0; j < n; j++) matrix[i * n + j]! -= factor * matrix[k * n + j]!;
    }
  }
  return matrix;
}
