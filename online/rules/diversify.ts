import type { OverlaidCandidate } from '../../src/domain/pipeline.ts';
import type { ActiveRule } from './active.ts';
import { valuesOf } from './windows.ts';

type VectorOf = (candidate: OverlaidCandidate) => Float32Array | undefined;

/** Only so many places from the top are diversified; nobody looks that far down at once. */
const DEEPEST = 500;

/**
 * Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each next item is the one with the best mix of score and
 * unlikeness to those already chosen, `(1 - strength) * score - strength * likeness`, scores brought to 0 … 1 within the list.
 * Likeness is the overlap of a field's values (Jaccard), or the cosine of the items' vectors.
 */
export function diversify(
  list: readonly OverlaidCandidate[],
  rule: ActiveRule,
  places: number,
  vectorOf: VectorOf | undefined,
): OverlaidCandidate[] {
  const { action } = rule;
  if (action.kind !== 'diversify' || list.length < 3) return [...list];
  const liken = action.by === 'vectors' ? likenByVector(list, vectorOf) : likenByField(list, action.by);
  const concerned = list.map(rule.concerns);
  const scores = list.map(({ score }) => score);
  const lowest = scores.reduce((a, b) => Math.min(a, b));
  const spread = scores.reduce((a, b) => Math.max(a, b)) - lowest;
  const standing = scores.map((score) => (spread > 0 && Number.isFinite(spread) ? (score - lowest) / spread : 0.5));
  const nearest = new Float64Array(list.length);
  const order: number[] = [];
  const left = new Set(list.keys());
  while (order.length < Math.min(places, DEEPEST, list.length)) {
    let best = -1;
    let bestValue = Number.NEGATIVE_INFINITY;
    for (const i of left) {
      const value = (1 - action.strength) * (standing[i] ?? 0) - action.strength * (nearest[i] ?? 0);
      if (value > bestValue) {
        bestValue = value;
        best = i;
      }
    }
    left.delete(best);
    order.push(best);
    if (concerned[best]) for (const i of left) if (concerned[i]) nearest[i] = Math.max(nearest[i] ?? 0, liken(best, i));
  }
  return [...order, ...left].flatMap((i) => list[i] ?? []);
}

function likenByField(list: readonly OverlaidCandidate[], field: string): (a: number, b: number) => number {
  const values = list.map((candidate) => new Set(valuesOf(candidate, field)));
  return (a, b) => {
    const left = values[a] ?? new Set();
    const right = values[b] ?? new Set();
    let shared = 0;
    for (const value of left) if (right.has(value)) shared++;
    return shared === 0 ? 0 : shared / (left.size + right.size - shared);
  };
}

function likenByVector(list: readonly OverlaidCandidate[], vectorOf: VectorOf | undefined): (a: number, b: number) => number {
  const vectors = list.map((candidate) => unit(vectorOf?.(candidate)));
  return (a, b) => {
    const left = vectors[a];
    const right = vectors[b];
    if (!left || !right) return 0;
    let product = 0;
    for (let i = 0; i < left.length; i++) product += (left[i] ?? 0) * (right[i] ?? 0);
    return Math.max(0, product);
  };
}

function unit(vector: Float32Array | undefined): Float32Array | undefined {
  if (!vector) return undefined;
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((value) => value / length) : undefined;
}
