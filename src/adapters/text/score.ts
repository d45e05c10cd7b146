import type { SearchSettings } from '../../text/settings.ts';
import type { Synonyms } from '../../text/synonyms.ts';
import { Accumulator } from './accumulator.ts';
import { fieldNorms, type Slot, scoreGrams, scoreSlots } from './bm25.ts';
import { expand, FEEDBACK } from './expansion.ts';
import { gramsOf } from './grams.ts';
import type { InvertedIndex } from './invertedIndex.ts';
import { createMatcher, type Match } from './matchFeatures.ts';
import { Top } from './top.ts';
import { type UnderstoodQuery, understand } from './understand.ts';

export interface ScoredDocument {
  readonly document: number;
  readonly score: number;
  readonly features: Readonly<Record<string, number>>;
}

export interface Found {
  readonly best: readonly ScoredDocument[];
  /** All live documents that match, whatever the filter. */
  readonly documents: readonly number[];
  readonly corrected: string | null;
}

/** Share of a query's 4-gram score that a document without any of its words needs to count as a match. */
const LIKENESS = 0.5;

/** Best `k` documents that `keeps` lets through, and all that match. */
export type Scorer = (query: string, k: number, keeps: (document: number) => boolean) => Found;

/** The lexical score: BM25F, expanded or with 4-grams as the query is, then what stands together or is the whole field. */
export function createScorer(index: InvertedIndex, synonyms: Synonyms, settings: SearchSettings): Scorer {
  const words = new Accumulator();
  const grams = new Accumulator();
  const scratch = new Accumulator();

  const scoreWords = (slots: readonly Slot[]): void => {
    words.reset(index.documents.count);
    scoreSlots(index, fieldNorms(index), slots, words, scratch);
  };
  const bestOf = (accumulator: Accumulator, k: number): { document: number; score: number }[] => {
    const top = new Top(k);
    for (let i = 0; i < accumulator.count; i++) {
      const document = accumulator.touched[i] ?? 0;
      if (!index.documents.isGone(document)) top.offer(document, accumulator.scores[document] ?? 0);
    }
    return top.sorted();
  };

  return (query, k, keeps) => {
    const understood = understand(index, synonyms, query);
    if (understood.content.length === 0) return { best: [], documents: [], corrected: null };
    const slots = understood.slots.filter(({ alternatives }) => alternatives.length > 0);
    const descriptive = understood.content.length >= settings.descriptiveWords;
    scoreWords(slots);
    const documents: number[] = [];
    for (let i = 0; i < words.count; i++) {
      const document = words.touched[i] ?? 0;
      if (!index.documents.isGone(document)) documents.push(document);
    }
    if (descriptive && index.documents.meanTotal() >= settings.expandFrom) {
      scoreWords(expand(index, slots, bestOf(words, FEEDBACK.documents)));
    }
    const wordTop = bestOf(words, 1)[0]?.score ?? 0;

    grams.reset(index.documents.count);
    const share = descriptive ? settings.gramsDescriptive : settings.grams;
    let gramTop = 0;
    if (share > 0) {
      const ideal = scoreGrams(index, gramsOf(understood.words.join(' ')), grams);
      gramTop = bestOf(grams, 1)[0]?.score ?? 0;
      for (let i = 0; i < grams.count; i++) {
        const document = grams.touched[i] ?? 0;
        const isLike = (grams.scores[document] ?? 0) >= LIKENESS * ideal;
        if (isLike && !words.has(document) && !index.documents.isGone(document)) documents.push(document);
      }
    }

    const top = new Top(k);
    for (const document of documents) {
      const word = wordTop > 0 ? (words.scores[document] ?? 0) / wordTop : 0;
      const gram = gramTop > 0 ? (grams.scores[document] ?? 0) / gramTop : 0;
      const score = (1 - share) * word + share * gram;
      if (top.accepts(document, score) && keeps(document)) top.offer(document, score);
    }
    return { best: reread(understood, top), documents, corrected: understood.corrected };
  };

  function reread(understood: UnderstoodQuery, top: Top): ScoredDocument[] {
    const matchOf = createMatcher(index, understood.slots, understood.content);
    return top
      .sorted()
      .map(({ document, score }) => {
        const match = matchOf(document);
        const bonus = settings.proximity * match.proximity + settings.whole * match.whole + settings.begins * match.begins;
        return { document, score: score * (1 + bonus), features: named(match, score) };
      })
      .sort((a, b) => b.score - a.score || a.document - b.document);
  }

  function named(match: Match, lexical: number): Record<string, number> {
    const features: Record<string, number> = {
      lexical,
      coverage: match.coverage,
      exact: match.exact,
      phrase: match.proximity,
      whole: match.whole,
      begins: match.begins,
    };
    index.fields.forEach(({ name }, field) => {
      features[`bm25.${name}`] = match.fields[field] ?? 0;
    });
    return features;
  }
}
