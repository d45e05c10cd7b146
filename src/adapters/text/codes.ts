import { isCode, type Token } from '../../text/tokenise.ts';
import type { InvertedIndex } from './invertedIndex.ts';

/** A number or code as it was typed, written together: `1234`, `WH-1000XM4`. */
interface Code {
  readonly words: readonly string[];
  /** Where it stands in the text. */
  readonly start: number;
  readonly end: number;
}

/** The numbers and codes of a query. Near ones are other things, so none of this is ever matched by likeness. */
export interface Codes {
  readonly codes: readonly Code[];
  /** Their words, and what those were taken apart into, that stand nowhere else in the query. */
  readonly words: ReadonlySet<string>;
  /** Those that belong to a code of several words that no document has, so that its parts mean nothing either. */
  readonly lost: ReadonlySet<string>;
  /** Letters and digits as words of their own, by the word, where no document has it but some have these: `wh1000xm4`. */
  readonly apart: ReadonlyMap<string, readonly string[]>;
}

/** Letters of a code come in short groups; what is longer is a word that a number was written to: `covid-19`. */
const LONGEST_LETTERS = 4;
/** Documents that are looked through for a code's parts; where its rarest part has more, it is taken to be there. */
const MOST_DOCUMENTS = 2000;

/** @param completing terms that a word may become, for one that is still being typed */
export function readCodes(
  index: InvertedIndex,
  tokens: readonly Token[],
  completing: (word: string) => ReadonlySet<number>,
): Codes {
  const codes = codesOf(tokens);
  if (codes.length === 0) return { codes, words: new Set(), lost: new Set(), apart: new Map() };
  const termsOf = (word: string): number[] => [...index.vocabulary.termsOf(word), ...completing(word)];
  const isThere = ({ words }: Code): boolean =>
    areTogether(index, [termsOf(words.join(''))]) || areTogether(index, words.map(termsOf));
  const apart = new Map<string, readonly string[]>();
  for (const code of codes) {
    const [word, ...others] = code.words;
    if (word === undefined || others.length > 0 || isThere(code)) continue;
    const parts = lettersAndDigits(word).find((both) => areTogether(index, both.map(termsOf)));
    if (parts !== undefined) apart.set(word, parts);
  }
  const isInside = ({ start, end }: Token): boolean => codes.some((code) => start >= code.start && end <= code.end);
  const outside = new Set(tokens.filter((token) => !isInside(token)).map(({ word }) => word));
  const only = (words: readonly string[]): Set<string> => new Set(words.filter((word) => !outside.has(word)));
  return {
    codes,
    words: only([...codes.flatMap(({ words }) => words), ...[...apart.values()].flat()]),
    lost: only(codes.filter((code) => code.words.length > 1 && !isThere(code)).flatMap(({ words }) => words)),
    apart,
  };
}

/** What is written together and has a digit, the words aside that are only written to a number. */
function codesOf(tokens: readonly Token[]): Code[] {
  const runs: Token[][] = [];
  for (const token of tokens) {
    if (token.joined) runs.at(-1)?.push(token);
    else runs.push([token]);
  }
  return runs
    .filter((run) => run.some(({ word }) => isCode(word)))
    .flatMap((run) => {
      const isOne = run.every(({ word }) => isCode(word) || word.length <= LONGEST_LETTERS);
      return isOne ? [run] : run.filter(({ word }) => isCode(word)).map((token) => [token]);
    })
    .map((run) => ({ words: run.map(({ word }) => word), start: run[0]?.start ?? 0, end: run.at(-1)?.end ?? 0 }));
}

/** Whether some document has a term of each, in any place. */
function areTogether(index: InvertedIndex, parts: readonly (readonly number[])[]): boolean {
  const frequency = (terms: readonly number[]): number => terms.reduce((sum, term) => sum + index.postings.frequency(term), 0);
  const [rarest = [], ...others] = [...parts].sort((a, b) => frequency(a) - frequency(b));
  if (frequency(rarest) === 0) return false;
  if (frequency(rarest) > MOST_DOCUMENTS) return true;
  const has = (document: number, terms: readonly number[]): boolean =>
    index.fields.some((_, field) =>
      index.documents.field(document, field).some((word) => terms.includes(index.vocabulary.term(word))),
    );
  return rarest.some((term) =>
    index.postings.blocks(term).some(({ base, documents, from, to }) => {
      for (let i = from; i < to; i++) {
        const document = base + (documents[i] ?? 0);
        if (!index.documents.isGone(document) && others.every((terms) => has(document, terms))) return true;
      }
      return false;
    }),
  );
}

/** The two parts at each place where letters and digits meet. */
const lettersAndDigits = (word: string): [string, string][] =>
  Array.from(word, (_, at): [string, string] => [word.slice(0, at), word.slice(at)]).filter(
    ([before, after]) => before !== '' && isCode(before.at(-1) ?? '') !== isCode(after[0] ?? ''),
  );
