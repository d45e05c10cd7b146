import type { Scored } from '../../retrieval/topK.ts';
import { inverseDocumentFrequency, type Slot } from './bm25.ts';
import type { InvertedIndex } from './invertedIndex.ts';
import { GAP } from './vocabulary.ts';

/** Documents that are read as if they were relevant, words that are taken from them, and the share of the query that stays. */
export const FEEDBACK = { documents: 10, terms: 30, keep: 0.5 };

/**
 * Words of the best documents, as an addition to the query (RM3: Abdul-Jaleel et al. 2004): each word's probability in the
 * documents, weighted by their scores, times its rarity; the query's own words keep `keep` of the weight.
 */
export function expand(
  index: InvertedIndex,
  slots: readonly Slot[],
  best: readonly Scored[],
  options: { documents: number; terms: number; keep: number } = FEEDBACK,
): Slot[] {
  const feedback = best.slice(0, options.documents);
  const total = feedback.reduce((sum, { score }) => sum + score, 0);
  if (total <= 0) return [...slots];
  const probability = new Map<number, number>();
  for (const { index: document, score } of feedback) {
    let length = 0;
    for (let field = 0; field < index.fields.length; field++) length += index.documents.length(document, field);
    if (length === 0) continue;
    for (let field = 0; field < index.fields.length; field++) {
      for (const word of index.documents.field(document, field)) {
        if (word === GAP || index.vocabulary.isStop(word)) continue;
        const term = index.vocabulary.term(word);
        probability.set(term, (probability.get(term) ?? 0) + score / total / length);
      }
    }
  }
  const documents = index.documents.count;
  const weighed = [...probability]
    .filter(([term]) => index.postings.frequency(term) > 1)
    .map(([term, p]) => ({ term, weight: p * inverseDocumentFrequency(documents, index.postings.frequency(term)) }))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, options.terms);
  const mass = weighed.reduce((sum, { weight }) => sum + weight, 0);
  const queryMass = slots.reduce((sum, { weight }) => sum + weight, 0);
  if (mass === 0 || queryMass === 0) return [...slots];
  return [
    ...slots.map((slot) => ({ ...slot, weight: (options.keep * slot.weight) / queryMass })),
    ...weighed.map(({ term, weight }) => ({ alternatives: [{ term, weight: 1 }], weight: ((1 - options.keep) * weight) / mass })),
  ];
}
