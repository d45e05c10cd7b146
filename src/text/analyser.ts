import { LRUCache } from 'lru-cache';
import { newStemmer } from 'snowball-stemmers';
import { STEMMERS } from './language.ts';
import { stopWords } from './stopWords.ts';
import { isCode } from './tokenise.ts';

/** What a language makes of a word. */
export interface Analyser {
  readonly language: string;
  /** What all forms of a word share. Codes and numbers stay as they are. */
  stem(word: string): string;
  isStopWord(word: string): boolean;
}

/** Words whose stems are remembered: the same ones are asked for again and again, and a stemmer takes its time. */
const REMEMBERED = 10_000;

/** For a language by ISO 639-1 code, `en-GB` being `en`. A language without a stemmer leaves words as they are. */
export function createAnalyser(language: string): Analyser {
  const base = language.toLowerCase().split(/[-_]/)[0] ?? language;
  const algorithm = STEMMERS[base === 'nb' || base === 'nn' ? 'no' : base];
  const stemmer = algorithm === undefined ? undefined : newStemmer(algorithm);
  const stops = stopWords(base);
  const stems = new LRUCache<string, string>({ max: REMEMBERED });
  return {
    language: base,
    stem(word) {
      if (stemmer === undefined || word.length < 3 || isCode(word)) return word;
      const known = stems.get(word);
      if (known !== undefined) return known;
      const stem = stemmer.stem(word) || word;
      stems.set(word, stem);
      return stem;
    },
    isStopWord: (word) => stops.has(word),
  };
}
