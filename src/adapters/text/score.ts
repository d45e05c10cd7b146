import { type Scored, TopK } from '../../retrieval/topK.ts';
import type { SearchSettings } from '../../text/settings.ts';
import { Accumulator } from './accumulator.ts';
import { type Slot, scoreGrams, scoreSlots } from './bm25.ts';
import { expand, FEEDBACK } from './expansion.ts';
import { gramsOf } from './grams.ts';
import type { InvertedIndex } from './invertedIndex.ts';
import { createMatcher } from './matchFeatures.ts';
import { phraseTest } from './phrases.ts';
import type { UnderstoodQuery } from './understand.ts';

export interface ScoredDocument {
  readonly document: number;
  readonly score: number;
  readonly features: Readonly<Record<string, number>>;
}

export interface Found {
  readonly best: readonly ScoredDocument[];
  /** All live documents that match, whatever the filter. Holds until the next search. */
  readonly documents: Uint32Array;
  /** Whether all of them have what is in quotes. */
  readonly quoted: boolean;
  /** What none of them has, so that the query was taken less strictly. */
  readonly relaxed: 'quotes' | 'words' | undefined;
}

/** Share of a query's 4-gram score that a document without any of its words needs to count as a match. */
const LIKENESS = 0.5;

const NOTHING = { best: [], documents: new Uint32Array(0), quoted: false, relaxed: undefined };

/**
 * Whether some document has every word of the query, as a word or written otherwise (`wh1000xm4` for `WH-1000XM4`); of no
 * documents nothing is missed.
 */
function hasAll({ postings }: InvertedIndex, slots: readonly Slot[], best: readonly ScoredDocument[]): boolean {
  if (best.length === 0 || best.some(({ features }) => (features['coverage'] ?? 0) > 1 - 1e-9)) return true;
  return best.some(({ document }) =>
    slots.every(({ alternatives }) => alternatives.some(({ term }) => postings.has(term, document))),
  );
}

/** Best `k` documents that `keeps` lets through, and all that match. */
export type Scorer = (query: UnderstoodQuery, k: number, keeps: (document: number) => boolean) => Found;

/** The lexical score: BM25F, expanded or with 4-grams as the query is, then what stands together or is the whole field. */
export function createScorer(index: InvertedIndex, settings: SearchSettings): Scorer {
  const words = new Accumulator();
  const grams = new Accumulator();
  const scratch = new Accumulator();
  /** Room for the documents that match, kept from query to query: hundreds of kilobytes. */
  let room = new Uint32Array(0);

  const scoreWords = (slots: readonly Slot[]): void => {
    words.reset(index.documents.count);
    scoreSlots(index, slots, words, scratch);
  };
  const bestOf = (accumulator: Accumulator, k: number): Scored[] => {
    const top = new TopK(Math.min(k, accumulator.count));
    const { touched, scores, count } = accumulator;
    for (let i = 0; i < count; i++) {
      const document = touched[i]!;
      const score = scores[document]!;
      if (top.accepts(document, score) && !index.documents.isGone(document)) top.offer(document, score);
    }
    return top.sorted();
  };
  /** Documents with a word of the query, then those that only look alike enough. */
  const matchesOf = (alike: number): Uint32Array => {
    const most = words.count + grams.count;
    if (room.length < most) room = new Uint32Array(Math.ceil(most * 1.5));
    const documents = room;
    const gone = index.documents.gone.values;
    const { touched, count, marks } = words;
    let found = 0;
    for (let i = 0; i < count; i++) {
      const document = touched[i]!;
      if (gone[document] === 0) documents[found++] = document;
    }
    const others = grams.touched;
    const likeness = grams.scores;
    for (let i = 0; i < grams.count; i++) {
      const document = others[i]!;
      if (likeness[document]! < alike || marks[document] === 1 || gone[document] === 1) continue;
      documents[found++] = document;
    }
    return documents.subarray(0, found);
  };

  return (understood, k, keeps) => {
    if (understood.content.length === 0) return NOTHING;
    const slots = understood.slots.filter(({ alternatives }) => alternatives.length > 0);
    const descriptive = understood.content.length >= settings.descriptiveWords;
    const share = descriptive ? settings.gramsDescriptive : settings.grams;
    scoreWords(slots);
    grams.reset(index.documents.count);
    const likeness = descriptive ? Number.POSITIVE_INFINITY : LIKENESS;
    const ideal = share > 0 ? scoreGrams(index, understood.stretches.flatMap(gramsOf), grams, { likeness, known: words }) : 0;
    const all = matchesOf(likeness * (ideal || 1));
    const quoted = understood.phrases.length > 0 ? all.filter(phraseTest(index, understood.phrases)) : undefined;
    const isQuoted = quoted?.some(keeps) === true;
    const documents = isQuoted && quoted !== undefined ? quoted : all;
    if (descriptive && index.documents.meanTotal() >= settings.expandFrom) {
      scoreWords(expand(index, slots, bestOf(words, FEEDBACK.documents)));
    }
    const wordScale = (1 - share) / (words.most(documents) || 1);
    const gramScale = share / (grams.most(documents) || 1);
    const top = new TopK(Math.min(k, documents.length));
    const wordScores = words.scores;
    const gramScores = grams.scores;
    // The bar is kept at hand, since most stay below it.
    let { bar } = top;
    for (let i = 0; i < documents.length; i++) {
      const document = documents[i]!;
      const score = wordScale * wordScores[document]! + gramScale * gramScores[document]!;
      if (score < bar || !top.accepts(document, score) || !keeps(document)) continue;
      top.offer(document, score);
      bar = top.bar;
    }
    const best = reread(understood, top);
    const relaxed =
      quoted !== undefined && !isQuoted ? 'quotes' : descriptive || hasAll(index, understood.slots, best) ? undefined : 'words';
    return { best, documents, quoted: isQuoted, relaxed };
  };

  function reread(understood: UnderstoodQuery, top: TopK): ScoredDocument[] {
    const matchOf = createMatcher(index, understood.slots, understood.content);
    return top
      .sorted()
      .map(({ index: document, score }) => {
        const features = matchOf(document, score);
        const { phrase, whole, begins } = features;
        const bonus = settings.proximity * phrase + settings.whole * whole + settings.begins * begins;
        return { document, score: score * (1 + bonus), features };
      })
      .sort((a, b) => b.score - a.score || a.document - b.document);
  }
}
