import { stopWordLanguages, stopWords } from './stopWords.ts';
import { tokenise } from './tokenise.ts';

/** Languages with a Snowball stemmer, by ISO 639-1 code. */
export const STEMMERS: Readonly<Record<string, string>> = {
  ar: 'arabic',
  ca: 'catalan',
  cs: 'czech',
  da: 'danish',
  de: 'german',
  en: 'english',
  es: 'spanish',
  eu: 'basque',
  fi: 'finnish',
  fr: 'french',
  ga: 'irish',
  hu: 'hungarian',
  hy: 'armenian',
  it: 'italian',
  nl: 'dutch',
  no: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sl: 'slovene',
  sv: 'swedish',
  ta: 'tamil',
  tr: 'turkish',
};

/** Texts without words that tell: titles, codes, or a language without a list. */
const UNKNOWN_LANGUAGE = 'und';

/** Words of a sample that must be stop words before a language is believed. */
const LEAST_SHARE = 0.04;
const LEAST_WORDS = 3;

/**
 * The language most words of a sample point to, by its stop words; ISO 639-1, `und` where nothing points anywhere. Meant for
 * many texts of one catalogue together, not for a query.
 */
export function detectLanguage(texts: Iterable<string>): string {
  const counts = new Map<string, number>();
  let total = 0;
  let latin = 0;
  for (const text of texts) {
    for (const { word } of tokenise(text)) {
      total += 1;
      if (/[a-z]/.test(word)) latin += 1;
      // A word that many languages share speaks less for each.
      const speakers = stopWordLanguages.filter((language) => stopWords(language).has(word));
      for (const language of speakers) counts.set(language, (counts.get(language) ?? 0) + 1 / speakers.length);
    }
  }
  let best = UNKNOWN_LANGUAGE;
  let most = Math.max(LEAST_WORDS, total * LEAST_SHARE) - Number.EPSILON;
  for (const [language, count] of counts) {
    if (count > most) {
      best = language;
      most = count;
    }
  }
  // Product titles have hardly any little words; English is then the likelier reading of Latin letters.
  return best === UNKNOWN_LANGUAGE && latin > total / 2 ? 'en' : best;
}
