import type { InvertedIndex } from './invertedIndex.ts';

/** Words that must stand in this order with nothing between them, as they are written; case and accents aside. */
export type Phrase = readonly string[];

const QUOTED = /["“”„«»]([^"“”„«»]+)["“”„«»]/gu;

/** Stretches of a text that are in quotes. A quote that is not closed yet is none. */
export const quotedSpans = (text: string): { start: number; end: number }[] =>
  [...text.matchAll(QUOTED)].map(({ index, 0: all }) => ({ start: index, end: index + all.length }));

/** Whether a document has all phrases, each within one value of a field. */
export function phraseTest(index: InvertedIndex, phrases: readonly Phrase[]): (document: number) => boolean {
  const wanted = phrases.map((phrase) => phrase.map((word) => new Set(index.vocabulary.ids(word))));
  const standsAt = (words: Uint32Array, at: number, phrase: readonly ReadonlySet<number>[]): boolean =>
    phrase.every((ids, i) => ids.has(words[at + i] ?? 0));
  const isIn = (words: Uint32Array, phrase: readonly ReadonlySet<number>[]): boolean => {
    for (let at = 0; at + phrase.length <= words.length; at++) if (standsAt(words, at, phrase)) return true;
    return false;
  };
  return (document) =>
    wanted.every((phrase) => index.fields.some((_, field) => isIn(index.documents.field(document, field), phrase)));
}
