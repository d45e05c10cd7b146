import { allowedEdits } from '../../text/distance.ts';
import { isCode } from '../../text/tokenise.ts';
import type { InvertedIndex } from './invertedIndex.ts';

/** Words are compared by a noisy channel: how often a word is there, against how unlikely the slips are. */
const EDIT_COST = 4;
const FIRST_LETTER_COST = 1.5;
const TOGETHER_BONUS = 3;
/** Candidates whose company in documents is looked at. */
const CLOSE_CALLS = 8;

/** The words a query has, as they will be searched for. */
export interface Repair {
  readonly words: readonly string[];
  /** What stands for a word instead, by the word. */
  readonly repairs: ReadonlyMap<string, readonly string[]>;
}

/**
 * Replaces words that no document has by the likeliest that some have: few edits, common, seen together with the query's other
 * words; or takes a word apart that was written together. Numbers, codes, short words and those that `isMeant` stay as they are.
 */
export function repairSpelling(index: InvertedIndex, words: readonly string[], isMeant: (word: string) => boolean): Repair {
  const isKnown = (word: string): boolean =>
    index.vocabulary.ids(word).length > 0 || index.vocabulary.termsOf(word).some((term) => index.postings.frequency(term) > 0);
  const unknown = words.filter((word) => !isCode(word) && !isKnown(word) && !isMeant(word));
  const company = unknown.length === 0 ? new Set<number>() : companyOf(index, words.filter(isKnown));
  const repairs = new Map<string, readonly string[]>();
  for (const word of unknown) {
    const repaired = bestWord(index, word, company) ?? takeApart(index, word);
    if (repaired !== undefined) repairs.set(word, repaired);
  }
  return { words: words.flatMap((word) => repairs.get(word) ?? [word]), repairs };
}

/** Documents with the rarest of the words that are known. */
function companyOf(index: InvertedIndex, words: readonly string[]): ReadonlySet<number> {
  const documents = new Set<number>();
  for (const word of words) {
    if (index.vocabulary.isStopWord(word)) continue;
    for (const term of index.vocabulary.termsOf(word)) {
      if (index.postings.frequency(term) > 5000) continue;
      for (const block of index.postings.blocks(term))
        for (let i = block.from; i < block.to; i++) documents.add(block.base + (block.documents[i] ?? 0));
    }
  }
  return documents;
}

function bestWord(index: InvertedIndex, word: string, company: ReadonlySet<number>): readonly string[] | undefined {
  const { vocabulary } = index;
  const scored = vocabulary
    .near(word, allowedEdits(word.length))
    .map(({ id, distance }) => {
      const text = vocabulary.text(id);
      const firstLetter = text[0] === word[0] ? 0 : FIRST_LETTER_COST;
      return { id, text, score: Math.log(vocabulary.frequency(id)) - EDIT_COST * distance - firstLetter };
    })
    .filter(({ text }) => text.length > 2 && !isCode(text))
    .sort((a, b) => b.score - a.score || (a.text < b.text ? -1 : 1))
    .slice(0, CLOSE_CALLS);
  const weighed = scored.map((candidate) => ({
    ...candidate,
    score: candidate.score + (company.size > 0 ? TOGETHER_BONUS * togetherness(index, candidate.id, company) : 0),
  }));
  const [first] = weighed.sort((a, b) => b.score - a.score);
  return first === undefined ? undefined : [first.text];
}

/** 1 where at least one document has the word together with the query's others, a little more for more such documents. */
function togetherness(index: InvertedIndex, id: number, company: ReadonlySet<number>): number {
  let together = 0;
  let looked = 0;
  for (const block of index.postings.blocks(index.vocabulary.term(id))) {
    for (let i = block.from; i < block.to && looked < 2000; i++, looked++)
      if (company.has(block.base + (block.documents[i] ?? 0))) together += 1;
  }
  return together === 0 ? 0 : 1 + Math.log10(together) / 3;
}

/** Two words that were written together, the commoner pair first. */
function takeApart(index: InvertedIndex, word: string): readonly string[] | undefined {
  const { vocabulary } = index;
  const count = (part: string): number => Math.max(0, ...vocabulary.ids(part).map(vocabulary.frequency));
  let best: readonly string[] | undefined;
  let most = 1;
  for (let at = 3; at <= word.length - 3; at++) {
    const parts = [word.slice(0, at), word.slice(at)];
    const rarer = Math.min(...parts.map(count));
    if (rarer > most) {
      most = rarer;
      best = parts;
    }
  }
  return best;
}
