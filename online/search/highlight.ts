import type { FieldDefinitions } from '../../src/config/schema.ts';
import type { Item } from '../../src/domain/item.ts';
import { type Analyser, createAnalyser } from '../../src/text/analyser.ts';
import { searchFields, valueText } from '../../src/text/itemText.ts';
import { otherNames, type Synonyms } from '../../src/text/synonyms.ts';
import { type Token, tokenise } from '../../src/text/tokenise.ts';

/**
 * What is marked: the query's words and their synonyms in any form, written together or apart, and words that begin as its
 * last one does.
 */
interface QueryWords {
  readonly stems: ReadonlySet<string>;
  /** Neighbouring words of the query as one: `back pack`. */
  readonly joined: ReadonlySet<string>;
  /** Length of the longest word. */
  readonly longest: number;
  readonly prefix: string | undefined;
}

const SHORTEST_PREFIX = 2;
const LONGEST_QUERY = 2000;

function queryWords(text: string, corrected: string | null, analyser: Analyser, synonyms: Synonyms): QueryWords {
  const words = tokenise((corrected ?? text).slice(0, LONGEST_QUERY)).map(({ word }) => word);
  const named = [...words, ...otherNames(synonyms, words).flatMap(({ other }) => other)];
  const meaningful = named.filter((word) => !analyser.isStopWord(word));
  const last = /[\p{L}\p{M}\p{N}]$/u.test(text) ? words.at(-1) : undefined;
  return {
    stems: new Set((meaningful.length > 0 ? meaningful : words).map((word) => analyser.stem(word))),
    joined: new Set(words.slice(1).map((word, i) => analyser.stem(`${words[i]}${word}`))),
    longest: Math.max(0, ...words.map((word) => word.length)),
    prefix: last !== undefined && last.length >= SHORTEST_PREFIX && !analyser.isStopWord(last) ? last : undefined,
  };
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as HTML that shows it and is nothing else. */
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

export interface HighlightOptions {
  /** Characters of a field that are shown; a longer text is cut to the stretch with the most matches. */
  readonly length?: number;
  readonly synonyms?: Synonyms;
}

/** Marks the words of one query in an item. */
type Highlight = (item: Item) => Record<string, string>;

/**
 * For each query (and what it was searched for as, where its spelling was repaired): fields of an item in which words of it
 * are, as HTML, matches in `<mark>` and everything else escaped. Fields without a match are left out.
 * @param language of fields that name none
 */
export function createHighlighter(
  fields: FieldDefinitions,
  language: string,
  { length = 240, synonyms = new Map() }: HighlightOptions = {},
): (text: string, corrected: string | null) => Highlight {
  const analysers = new Map<string, Analyser>();
  const read = searchFields(fields).map((field) => {
    const analyser = analysers.get(field.language ?? language) ?? createAnalyser(field.language ?? language);
    analysers.set(field.language ?? language, analyser);
    return { name: field.name, analyser };
  });
  return (text, corrected) => {
    const words = new Map([...analysers.values()].map((analyser) => [analyser, queryWords(text, corrected, analyser, synonyms)]));
    return (item) => {
      const marked: Record<string, string> = {};
      for (const { name, analyser } of read) {
        const own = words.get(analyser);
        const html = own === undefined ? undefined : markText(valueText(item.fields[name]), own, analyser, length);
        if (html !== undefined) marked[name] = html;
      }
      return marked;
    };
  };
}

function markText(text: string, words: QueryWords, analyser: Analyser, length: number): string | undefined {
  const tokens = tokenise(text);
  const isMarked = ({ word }: Token): boolean => {
    const stem = analyser.stem(word);
    return words.stems.has(stem) || words.joined.has(stem) || (words.prefix !== undefined && word.startsWith(words.prefix));
  };
  const matches = tokens.flatMap((token, i): Span[] => {
    const together = writtenTogether(tokens, i, words, analyser);
    return together !== undefined ? [together] : isMarked(token) ? [token] : [];
  });
  if (matches.length === 0) return undefined;
  const { from, to } = window(text, matches, length);
  let html = from > 0 ? '…' : '';
  let at = from;
  for (const { start, end } of matches) {
    if (start < at || end > to) continue;
    html += `${escapeHtml(text.slice(at, start))}<mark>${escapeHtml(text.slice(start, end))}</mark>`;
    at = end;
  }
  return `${html}${escapeHtml(text.slice(at, to))}${to < text.length ? '…' : ''}`;
}

/** Tokens from `first` on with only a hyphen or the like between them that are one word of the query: `WH-1000XM4`. */
function writtenTogether(tokens: readonly Token[], first: number, words: QueryWords, analyser: Analyser): Span | undefined {
  const start = tokens[first]?.start ?? 0;
  let run = tokens[first]?.word ?? '';
  for (let i = first + 1; tokens[i]?.joined === true && run.length < words.longest; i++) {
    run += tokens[i]?.word ?? '';
    if (words.stems.has(analyser.stem(run))) return { start, end: tokens[i]?.end ?? start };
  }
  return undefined;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The stretch of about that many characters with the most matches, from and to the edge of a word where one is near. */
function window(text: string, matches: readonly Span[], length: number): { from: number; to: number } {
  if (text.length <= length) return { from: 0, to: text.length };
  let best = matches[0]?.start ?? 0;
  let most = 0;
  for (const { start } of matches) {
    const inside = matches.filter((other) => other.start >= start && other.end <= start + length * 0.75).length;
    if (inside > most) {
      most = inside;
      best = start;
    }
  }
  const from = edge(text, Math.max(0, best - Math.floor(length / 4)), best);
  return { from, to: edge(text, Math.min(text.length, from + length), text.length) };
}

/** The next place at or after `at`, within twenty characters, where a word begins or ends; else one that splits no character. */
function edge(text: string, at: number, last: number): number {
  if (at === 0 || at >= text.length) return Math.min(at, text.length);
  for (let i = at; i <= Math.min(at + 20, last); i++) if (/\s/.test(text[i] ?? ' ')) return i;
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
