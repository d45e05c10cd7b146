import { LONGEST_SYNONYM, type Synonyms } from '../../text/synonyms.ts';
import { type Token, tokenise } from '../../text/tokenise.ts';
import type { Alternative, Slot } from './bm25.ts';
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
}

/**
 * Turns what was typed into slots: words without stop words (unless there are no others), their spelling repaired, with
 * synonyms, the joined form of neighbours, and completions of a last word that is no word yet.
 */
export function understand(index: InvertedIndex, synonyms: Synonyms, query: string): UnderstoodQuery {
  const text = query.slice(0, LONGEST_QUERY);
  const tokens = tokenise(text).slice(0, MOST_WORDS);
  const phrases = quotedSpans(text).map(({ start, end }) => wordsIn(tokens, start, end));
  const quoted = new Set(phrases.flat());
  const typed = tokens.map(({ word }) => word);
  const lastTyped = typed.at(-1) ?? '';
  // A query that ends in a separator has no word that is still being typed.
  const open = /[\p{L}\p{M}\p{N}]$/u.test(text);
  const completions =
    open && lastTyped.length >= SHORTEST_PREFIX && index.vocabulary.ids(lastTyped).length === 0
      ? index.vocabulary.startingWith(lastTyped, MOST_COMPLETIONS)
      : [];
  const isMeant = (word: string): boolean => quoted.has(word) || (word === lastTyped && completions.length > 0);
  const { words, repairs } = repairSpelling(index, typed, isMeant);
  const meaningful = words.filter((word) => !index.vocabulary.isStopWord(word) || quoted.has(word));
  const content = [...new Set(meaningful.length > 0 ? meaningful : words)];
  const slots = content.map((word): Slot => {
    const alternatives = new Map<number, number>();
    const offer = (term: number, weight: number): void => {
      alternatives.set(term, Math.max(weight, alternatives.get(term) ?? 0));
    };
    for (const term of index.vocabulary.termsOf(word)) offer(term, 1);
    for (const [term, weight] of otherNames(index, synonyms, words, word)) offer(term, weight);
    if (word === lastTyped) for (const id of completions) offer(index.vocabulary.term(id), PREFIX_WEIGHT);
    return { alternatives: [...alternatives].map(([term, weight]): Alternative => ({ term, weight })), weight: 1 };
  });
  const corrected = repairs.size > 0 ? withRepairs(text, tokens, repairs) : null;
  return { slots, words, content, phrases: phrases.filter(({ length }) => length > 0), corrected };
}

const wordsIn = (tokens: readonly Token[], from: number, to: number): string[] =>
  tokens.filter(({ start, end }) => start >= from && end <= to).map(({ word }) => word);

/** The text as it was typed, but for the repaired words. */
function withRepairs(text: string, tokens: readonly Token[], repairs: ReadonlyMap<string, readonly string[]>): string {
  return tokens.reduceRight((repaired, { word, start, end }) => {
    const instead = repairs.get(word);
    return instead === undefined ? repaired : repaired.slice(0, start) + instead.join(' ') + repaired.slice(end);
  }, text);
}

/** Terms that may stand for the word because of the names it is part of: synonyms, and neighbours written together. */
function otherNames(index: InvertedIndex, synonyms: Synonyms, words: readonly string[], word: string): [number, number][] {
  const found: [number, number][] = [];
  words.forEach((at, i) => {
    if (at !== word) return;
    for (const neighbours of [words.slice(i - 1, i + 1), words.slice(i, i + 2)]) {
      if (neighbours.length < 2) continue;
      for (const term of index.vocabulary.termsOf(neighbours.join(''))) found.push([term, COMPOUND_WEIGHT]);
    }
  });
  if (synonyms.size === 0) return found;
  for (let start = 0; start < words.length; start++) {
    for (let length = 1; length <= Math.min(LONGEST_SYNONYM, words.length - start); length++) {
      const name = words.slice(start, start + length);
      if (!name.includes(word)) continue;
      for (const other of synonyms.get(name.join(' ')) ?? []) {
        for (const part of other) for (const term of index.vocabulary.termsOf(part)) found.push([term, SYNONYM_WEIGHT]);
      }
    }
  }
  return found.filter(([term]) => index.postings.frequency(term) > 0);
}
