import { fold } from './fold.ts';

/** A word of a text, folded, with its place in the text as it was given. */
export interface Token {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  /** Written together with the token before it but for a hyphen, a slash or a dot: `t-shirt`, `wh-1000xm4`. */
  readonly joined: boolean;
}

// Numbers keep their decimal point (and a unit written to them), words their apostrophe, C++ and C# their sign; marks belong
// to their letter.
const WORD =
  /\p{N}+(?:[.,]\p{N}+)+\p{L}*|(?<![\p{L}\p{N}])[a-z](?:\+\+|#)(?![\p{L}\p{N}])|[\p{L}\p{M}\p{N}]+(?:['’ʼ＇][\p{L}\p{M}]+)*/giu;
// 1,299.99 is 1299.99.
const THOUSANDS = /(?<=\d),(?=\d{3}(?:\D|$))/g;
// Scripts that write words without spaces between them.
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const JOINERS = /^[-‐‑/._+&]$/u;
/** Longer words are no words people search for; this bounds what a vocabulary can be made to hold. */
const LONGEST = 64;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Words of a text in order. Any string is fine; punctuation, symbols and control characters separate. */
export function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  let previousEnd = -1;
  for (const match of text.matchAll(WORD)) {
    const [raw] = match;
    const start = match.index;
    if (UNSPACED.test(raw)) {
      for (const part of segmenter.segment(raw)) push(tokens, part.segment, start + part.index, false);
    } else {
      const joined = previousEnd >= 0 && start === previousEnd + 1 && JOINERS.test(text.slice(previousEnd, start));
      push(tokens, raw, start, joined);
    }
    previousEnd = start + raw.length;
  }
  return tokens;
}

function push(tokens: Token[], raw: string, start: number, joined: boolean): void {
  const word = fold(raw).replace(/'s$/, '').replace(THOUSANDS, '').replaceAll("'", '').slice(0, LONGEST);
  if (word !== '') tokens.push({ word, start, end: start + raw.length, joined });
}

/** Numbers, codes and SKUs: never stemmed and never taken for a misspelling. */
export const isCode = (word: string): boolean => /\p{N}/u.test(word);
