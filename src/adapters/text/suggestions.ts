import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Suggestion } from '../../ports/textIndex.ts';
import { valueText } from '../../text/itemText.ts';
import { tokenise } from '../../text/tokenise.ts';
import { inverseDocumentFrequency } from './bm25.ts';
import type { InvertedIndex } from './invertedIndex.ts';
import { repairSpelling } from './spelling.ts';

/** Words that what is being typed may become, and their documents that are looked at. */
const MOST_COMPLETIONS = 16;
const MOST_DOCUMENTS = 4000;

/**
 * Values of the weightiest text field that have all words typed so far, the last as the beginning of a word. Titles that begin
 * with what was typed come first, shorter ones before longer.
 */
export function createSuggestions(index: InvertedIndex, catalogue: Catalogue): (typed: string, limit: number) => Suggestion[] {
  const field = index.fields.findIndex(({ isText }) => isText);
  const name = index.fields[field]?.name;

  /** Terms a word may stand for; the last also what it may become. */
  const termsOf = (word: string, isLast: boolean): number[] => {
    const completions = isLast ? index.vocabulary.startingWith(word, MOST_COMPLETIONS).map(index.vocabulary.term) : [];
    return [...new Set([...index.vocabulary.termsOf(word), ...completions])];
  };
  const isBeginning = (word: string): boolean => index.vocabulary.startingWith(word, 1).length > 0;

  return (typed, limit) => {
    if (name === undefined || limit < 1) return [];
    const tokens = tokenise(typed.slice(0, 200)).slice(0, 12);
    const { words } = repairSpelling(
      index,
      tokens.map(({ word }) => word),
      isBeginning,
    );
    if (words.length === 0) return [];
    const slots = words.map((word, i) => termsOf(word, i === words.length - 1));
    const frequency = (terms: readonly number[]): number => terms.reduce((sum, term) => sum + index.postings.frequency(term), 0);
    // The rarest word's documents are looked through for the others.
    const rarest = slots.reduce((best, slot, i) => (frequency(slot) < frequency(slots[best] ?? []) ? i : best), 0);
    const seen = new Set<number>();
    const found = new Map<string, number>();
    const beginning = words.join(' ');
    for (const term of slots[rarest] ?? []) {
      for (const { documents, from, to } of index.postings.blocks(term)) {
        for (let i = from; i < to && seen.size < MOST_DOCUMENTS; i++) {
          const document = documents[i] ?? 0;
          if (seen.has(document) || index.documents.isGone(document)) continue;
          seen.add(document);
          const there = new Set<number>();
          for (const word of index.documents.field(document, field)) there.add(index.vocabulary.term(word));
          if (!slots.every((slot) => slot.some((candidate) => there.has(candidate)))) continue;
          const item = catalogue.at(index.documents.ordinal(document));
          const text = valueText(item?.fields[name]);
          if (text === '') continue;
          const written = [...index.documents.field(document, field)].map(index.vocabulary.text).join(' ');
          const rarity = inverseDocumentFrequency(index.documents.count, frequency(slots[rarest] ?? []));
          const score = (written.startsWith(beginning) ? 1 : 0) + 1 / (1 + written.length / 20) + 0.01 * rarity;
          if (score > (found.get(text) ?? 0)) found.set(text, score);
        }
      }
    }
    return [...found]
      .map(([text, score]) => ({ text, score }))
      .sort((a, b) => b.score - a.score || (a.text < b.text ? -1 : 1))
      .slice(0, limit);
  };
}
