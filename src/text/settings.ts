import type { SemanticSettings } from './fuse.ts';

/**
 * Weights of the untrained search, for all catalogues alike. Chosen on a public collection, so its figures are a little
 * optimistic; `npm run bench search` prints them for each half of its queries.
 */
export const searchSettings = {
  /** Share of the character 4-grams in the lexical score, for queries of few words. */
  grams: 0.3,
  /** The same for queries that describe. */
  gramsDescriptive: 0.15,
  /** Words from which on a query describes rather than names: expansion, where documents are long. */
  descriptiveWords: 5,
  /** Mean words of a document from which on its best matches can be trusted to lend words to the query. */
  expandFrom: 40,
  /** What neighbouring words that stand together add to the score, at most, as a share of it. */
  proximity: 0.1,
  /** The same for a field that is the query, or begins with it. */
  whole: 0.15,
  begins: 0.05,
};

export type SearchSettings = typeof searchSettings;

/** By the encoder's id: the better it is, the more its cosine counts. */
export function semanticSettings(encoder: string | undefined): SemanticSettings {
  return encoder?.startsWith('onnx') ? { weight: 0.45, floor: 0, match: 0.35 } : { weight: 0.3, floor: 0.1, match: 0.45 };
}
