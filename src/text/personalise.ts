/** The most that what is known of a person adds to, or takes from, an item's relevance. */
const BOUND = 0.2;

/**
 * Relevance, moved by what is known of a person but never drowned by it: relevance · (1 + 0.2 · p), with p from −1 to 1 by the
 * item's place among the list's affinities (ties share their place). An item can pass only what is at most half as relevant
 * again. Without affinities, or when all are alike, relevance is left as it is.
 * @param affinity one number an item, such as a ranker's score, higher being better; NaN counts as the lowest
 */
export function personalise(relevance: readonly number[], affinity: readonly number[] | undefined): number[] {
  if (affinity === undefined || relevance.length < 2) return [...relevance];
  const values = affinity.map((value) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value));
  const sorted = [...values].sort((a, b) => a - b);
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  sorted.forEach((value, i) => {
    if (!first.has(value)) first.set(value, i);
    last.set(value, i);
  });
  return relevance.map((score, i) => {
    const value = values[i] ?? 0;
    const place = ((first.get(value) ?? 0) + (last.get(value) ?? 0)) / 2;
    return score * (1 + BOUND * ((2 * place) / (sorted.length - 1) - 1));
  });
}
