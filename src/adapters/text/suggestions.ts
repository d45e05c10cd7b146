import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Suggestion } from '../../ports/textIndex.ts';
import { valueText } from '../../text/itemText.ts';
import { isCode, tokenise } from '../../text/tokenise.ts';
import { inverseDocumentFrequency } from './bm25.ts';
import { COUNT_BITS, type InvertedIndex } from './invertedIndex.ts';
import { repairSpelling } from './spelling.ts';

/** Words that what is being typed may become, and their documents that are looked at. */
const MOST_COMPLETIONS = 16;
const MOST_DOCUMENTS = 1000;

/** Only of items in catalogue rows that `keeps` lets through. */
type Suggest = (typed: string, limit: number, keeps: (ordinal: number) => boolean) => Suggestion[];

/**
 * Values of the weightiest text field that have all words typed so far, the last as the beginning of a word. Titles that begin
 * with what was typed come first, shorter ones before longer.
 */
export function createSuggestions(index: InvertedIndex, catalogue: Catalogue): Suggest {
  const field = index.fields.findIndex(({ isText }) => isText);
  const name = index.fields[field]?.name;

  const { vocabulary } = index;
  const isBeginning = (word: string): boolean => vocabulary.startingWith(word, 1).length > 0;
  /** What the last word may become: words that begin so or, where none does and it is no code, with a slip. */
  const completionsOf = (word: string): number[] => {
    const own = vocabulary.startingWith(word, MOST_COMPLETIONS);
    if (own.length > 0 || isCode(word)) return own;
    return vocabulary
      .beginningsNear(word)
      .flatMap((beginning) => vocabulary.startingWith(beginning, MOST_COMPLETIONS))
      .filter((id) => !isCode(vocabulary.text(id)))
      .sort((a, b) => vocabulary.frequency(b) - vocabulary.frequency(a))
      .slice(0, MOST_COMPLETIONS);
  };
  /** Whether the title's first words are those, the last at least by its beginning or what that was repaired to. */
  const begins = (allWords: Uint32Array, from: number, words: readonly string[], completions: readonly number[]): boolean =>
    words.every((word, i) => {
      const there = allWords[from + i] ?? 0;
      return i === words.length - 1
        ? completions.includes(there) || vocabulary.text(there).startsWith(word)
        : vocabulary.text(there) === word;
    });

  return (typed, limit, keeps) => {
    if (name === undefined || limit < 1) return [];
    const tokens = tokenise(typed.slice(0, 200)).slice(0, 12);
    const last = tokens.at(-1)?.word;
    if (last === undefined) return [];
    const own = completionsOf(last);
    const { words } = repairSpelling(
      index,
      tokens.map(({ word }) => word),
      (word) => (word === last && own.length > 0) || isBeginning(word),
    );
    const completions = own.length > 0 ? own : completionsOf(words.at(-1) ?? '');
    const slots = words.map((word, i) => {
      const completed = i === words.length - 1 ? completions.map(vocabulary.term) : [];
      return [...new Set([...vocabulary.termsOf(word), ...completed])];
    });
    const frequency = (terms: readonly number[]): number => terms.reduce((sum, term) => sum + index.postings.frequency(term), 0);
    // The rarest word's documents are looked through for the others.
    const rarest = slots.reduce((best, slot, i) => (frequency(slot) < frequency(slots[best] ?? []) ? i : best), 0);
    const slotsOf = new Map<number, number>();
    slots.forEach((terms, slot) => {
      for (const term of terms) slotsOf.set(term, (slotsOf.get(term) ?? 0) | (1 << slot));
    });
    const all = (1 << slots.length) - 1;
    const isSingle = slots.length === 1;
    const seen = new Set<number>();
    const best = new BestSuggestions(limit);
    const { allWords } = index.documents;
    const rarity = inverseDocumentFrequency(index.documents.count, frequency(slots[rarest] ?? []));
    for (const term of slots[rarest] ?? []) {
      for (const { base, documents, values, from: first, to: end } of index.postings.blocks(term)) {
        for (let i = first; i < end && seen.size < MOST_DOCUMENTS; i++) {
          // A single word's postings say all there is to know.
          if (isSingle && (values[i] ?? 0) >> COUNT_BITS !== field) continue;
          const document = base + (documents[i] ?? 0);
          if (seen.has(document)) continue;
          seen.add(document);
          const from = index.documents.start(document, field);
          const to = index.documents.start(document, field + 1);
          let there = isSingle ? all : 0;
          for (let at = from; at < to && there !== all; at++) there |= slotsOf.get(vocabulary.term(allWords[at] ?? 0)) ?? 0;
          if (there !== all || index.documents.isGone(document)) continue;
          const ordinal = index.documents.ordinal(document);
          if (!keeps(ordinal)) continue;
          const text = valueText(catalogue.at(ordinal)?.fields[name]);
          const score = (begins(allWords, from, words, completions) ? 1 : 0) + 1 / (1 + text.length / 20) + 0.01 * rarity;
          if (text !== '') best.offer({ text, score });
        }
      }
    }
    return best.sorted;
  };
}

/** The best few, each text once; a text always has the same score. */
class BestSuggestions {
  readonly sorted: Suggestion[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  offer(suggestion: Suggestion): void {
    const { sorted } = this;
    const last = sorted.at(-1);
    if (sorted.length === this.#limit && last !== undefined && !isBefore(suggestion, last)) return;
    if (sorted.some(({ text }) => text === suggestion.text)) return;
    let at = sorted.length;
    while (at > 0 && isBefore(suggestion, sorted[at - 1]!)) at -= 1;
    sorted.splice(at, 0, suggestion);
    if (sorted.length > this.#limit) sorted.pop();
  }
}

const isBefore = (a: Suggestion, b: Suggestion): boolean => a.score > b.score || (a.score === b.score && a.text < b.text);
