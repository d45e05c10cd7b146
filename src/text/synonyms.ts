import type { SearchConfig } from '../config/schema.ts';
import { tokenise } from './tokenise.ts';

/** What else a phrase of the query may be called: words of the other name, each name a phrase of its own. */
export type Synonyms = ReadonlyMap<string, readonly (readonly string[])[]>;

/** Words a name with synonyms may have. */
const LONGEST_NAME = 4;

const wordsOf = (text: string): string[] => tokenise(text).map(({ word }) => word);

/** By the folded words of the name, joined by spaces. Two-way groups and one-way rules alike. */
export function readSynonyms(entries: SearchConfig['synonyms']): Synonyms {
  const synonyms = new Map<string, string[][]>();
  const add = (from: string, to: string): void => {
    const key = wordsOf(from).join(' ');
    const target = wordsOf(to);
    if (key === '' || target.length === 0 || key === target.join(' ')) return;
    synonyms.set(key, [...(synonyms.get(key) ?? []), target]);
  };
  for (const entry of entries) {
    if ('words' in entry) for (const from of entry.words) for (const to of entry.words) add(from, to);
    else for (const to of entry.to) add(entry.from, to);
  }
  return synonyms;
}

/** Names among the words of a query, each with another name of the same thing. */
export function otherNames(synonyms: Synonyms, words: readonly string[]): { name: string[]; other: readonly string[] }[] {
  if (synonyms.size === 0) return [];
  return words.flatMap((_, start) =>
    Array.from({ length: Math.min(LONGEST_NAME, words.length - start) }, (__, more) =>
      words.slice(start, start + more + 1),
    ).flatMap((name) => (synonyms.get(name.join(' ')) ?? []).map((other) => ({ name, other }))),
  );
}
