import { otherNames, type Synonyms } from '../../text/synonyms.ts';
import { type Token, tokenise } from '../../text/tokenise.ts';
import type { Alternative, Slot } from './bm25.ts';
import { readCodes } from './codes.ts';
import type { InvertedIndex } from './invertedIndex.ts';
import { type Phrase, quotedSpans } from './phrases.ts';
import { repairSpelling } from './spelling.ts';

/** What is read of a query; more is nobody's typing. */
const LONGEST_QUERY = 2000;
const MOST_WORDS = 64;
const SYNONYM_WEIGHT = 0.8;
const COMPOUND_WEIGHT = 0.9;
/** Completions of a last word that is not a word of the catalogue. */
const PREFIX_WEIGHT = 0.6;
const MOST_COMPLETIONS = 24;
const SHORTEST_PREFIX = 2;

/** A query, understood against the catalogue's words. */
export interface UnderstoodQuery {
  readonly slots: readonly Slot[];
  /** The words that are searched for, repaired, in order; stop words included. */
  readonly words: readonly string[];
  /** Words that are no stop words, or all where there are no others; the slots' own. */
  readonly content: readonly string[];
  /** What is in quotes. */
  readonly phrases: readonly Phrase[];
  /** What was typed with its spelling repaired, where it was. */
  readonly corrected: string | null;
  /** Numbers and codes as they were typed: these are never guessed. */
  readonly codes: readonly string[];
  /** Stretches of words between them, which may also be matched by likeness. */
  readonly stretches: readonly string[];
  /** What is left to look for by meaning: the query, repaired, without codes that no document has; empty where all is codes. */
  readonly meant: string;
}

/**
 * Turns what was typed into slots: words without stop words (unless there are no others), their spelling repaired, with
 * synonyms, the joined form of neighbours, and completions of a last word that is no word yet. Codes are searched for as they
 * are: the letters and digits of one that no document has match nothing.
 */
export function understand(index: InvertedIndex, synonyms: Synonyms, query: string): UnderstoodQuery {
  const text = query.slice(0, LONGEST_QUERY);
  const tokens = tokenise(text).slice(0, MOST_WORDS);
  const phrases = quotedSpans(text).map(({ start, end }) => wordsIn(tokens, start, end));
  const quoted = new Set(phrases.flat());
  const lastTyped = tokens.at(-1)?.word ?? '';
  // A query that ends in a separator has no word that is still being typed.
  const open = /[\p{L}\p{M}\p{N}]$/u.test(text);
  const completions =
    open && lastTyped.length >= SHORTEST_PREFIX && index.vocabulary.ids(lastTyped).length === 0
      ? index.vocabulary.startingWith(lastTyped, MOST_COMPLETIONS)
      : [];
  const completing = new Set(completions.map(index.vocabulary.term));
  const codes = readCodes(index, tokens, (word) => (word === lastTyped ? completing : none));
  const isMeant = (word: string): boolean =>
    quoted.has(word) || codes.words.has(word) || (word === lastTyped && completing.size > 0);
  const typed = tokens.flatMap(({ word }) => codes.apart.get(word) ?? [word]);
  const { words, repairs } = repairSpelling(index, typed, isMeant);
  const meaningful = words.filter((word) => !index.vocabulary.isStopWord(word) || quoted.has(word));
  const content = [...new Set(meaningful.length > 0 ? meaningful : words)];
  const slots = content.map((word): Slot => {
    const alternatives = new Map<number, number>();
    const offer = (term: number, weight: number): void => {
      alternatives.set(term, Math.max(weight, alternatives.get(term) ?? 0));
    };
    if (!codes.lost.has(word)) {
      for (const term of index.vocabulary.termsOf(word)) offer(term, 1);
      for (const [term, weight] of otherTerms(index, synonyms, words, word)) offer(term, weight);
      if (word === lastTyped) for (const term of completing) offer(term, PREFIX_WEIGHT);
    }
    return { alternatives: [...alternatives].map(([term, weight]): Alternative => ({ term, weight })), weight: 1 };
  });
  const isAllCode = content.every((word) => codes.words.has(word));
  const unmeant = new Set(content.filter((word, i) => codes.words.has(word) && slots[i]?.alternatives.length === 0));
  return {
    slots,
    words,
    content,
    phrases: phrases.filter(({ length }) => length > 0),
    corrected: repairs.size > 0 ? withWords(text, tokens, (word) => repairs.get(word)) : null,
    codes: codes.codes.map(({ start, end }) => text.slice(start, end)),
    stretches: isAllCode ? [] : stretchesBetween(words, codes.words),
    meant: isAllCode ? '' : withWords(text, tokens, (word) => (unmeant.has(word) ? [] : repairs.get(word))),
  };
}

const none: ReadonlySet<number> = new Set();

const wordsIn = (tokens: readonly Token[], from: number, to: number): string[] =>
  tokens.filter(({ start, end }) => start >= from && end <= to).map(({ word }) => word);

/** The text as it was typed, but for words that others stand for. */
function withWords(text: string, tokens: readonly Token[], insteadOf: (word: string) => readonly string[] | undefined): string {
  return tokens.reduceRight((changed, { word, start, end }) => {
    const instead = insteadOf(word);
    return instead === undefined ? changed : changed.slice(0, start) + instead.join(' ') + changed.slice(end);
  }, text);
}

/** What stands between certain words, each stretch as one text. */
function stretchesBetween(words: readonly string[], apart: ReadonlySet<string>): string[] {
  const stretches: string[][] = [[]];
  for (const word of words) {
    if (apart.has(word)) stretches.push([]);
    else stretches.at(-1)?.push(word);
  }
  return stretches.filter(({ length }) => length > 0).map((stretch) => stretch.join(' '));
}

/** Terms that may stand for the word because of the names it is part of: synonyms, and neighbours written together. */
function otherTerms(index: InvertedIndex, synonyms: Synonyms, words: readonly string[], word: string): [number, number][] {
  const found: [number, number][] = [];
  const offer = (other: string, weight: number): void => {
    for (const term of index.vocabulary.termsOf(other)) found.push([term, weight]);
  };
  words.forEach((at, i) => {
    if (at !== word) return;
    for (const neighbours of [words.slice(i - 1, i + 1), words.slice(i, i + 2)])
      if (neighbours.length === 2) offer(neighbours.join(''), COMPOUND_WEIGHT);
  });
  for (const { name, other } of otherNames(synonyms, words))
    if (name.includes(word)) for (const part of other) offer(part, SYNONYM_WEIGHT);
  return found.filter(([term]) => index.postings.frequency(term) > 0);
}
