import type { FieldDefinitions } from '../../src/config/schema.ts';
import type { Item } from '../../src/domain/item.ts';
import type { Analyser } from '../../src/text/analyser.ts';
import { searchFields, valueText } from '../../src/text/itemText.ts';
import { tokenise } from '../../src/text/tokenise.ts';

/** What is marked: the query's words in any form, and words that begin as its last one does. */
export interface QueryWords {
  readonly stems: ReadonlySet<string>;
  readonly prefix: string | undefined;
}

const SHORTEST_PREFIX = 2;
const LONGEST_QUERY = 2000;

/** @param corrected the query as it was searched for, where its spelling was repaired */
export function queryWords(text: string, corrected: string | null, analyser: Analyser): QueryWords {
  const words = tokenise((corrected ?? text).slice(0, LONGEST_QUERY)).map(({ word }) => word);
  const meaningful = words.filter((word) => !analyser.isStopWord(word));
  const last = /[\p{L}\p{M}\p{N}]$/u.test(text) ? words.at(-1) : undefined;
  return {
    stems: new Set((meaningful.length > 0 ? meaningful : words).map((word) => analyser.stem(word))),
    prefix: last !== undefined && last.length >= SHORTEST_PREFIX && !analyser.isStopWord(last) ? last : undefined,
  };
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as HTML that shows it and is nothing else. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

export interface HighlightOptions {
  /** Characters of a field that are shown; a longer text is cut to the stretch with the most matches. */
  readonly length?: number;
}

/**
 * Fields of an item in which words of the query are, as HTML: matches in `<mark>`, everything else escaped. Fields without a
 * match are left out.
 */
export function highlight(
  item: Item,
  fields: FieldDefinitions,
  words: QueryWords,
  analyser: Analyser,
  { length = 240 }: HighlightOptions = {},
): Record<string, string> {
  const marked: Record<string, string> = {};
  for (const { name } of searchFields(fields)) {
    const html = markText(valueText(item.fields[name]), words, analyser, length);
    if (html !== undefined) marked[name] = html;
  }
  return marked;
}

function markText(text: string, words: QueryWords, analyser: Analyser, length: number): string | undefined {
  const matches = tokenise(text).filter(
    ({ word }) => words.stems.has(analyser.stem(word)) || (words.prefix !== undefined && word.startsWith(words.prefix)),
  );
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
