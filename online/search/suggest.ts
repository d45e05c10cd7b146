import type { ItemFilter } from '../../src/filters/itemFilter.ts';
import type { Suggestion, TextIndex } from '../../src/ports/textIndex.ts';
import { allowedEdits, editDistance } from '../../src/text/distance.ts';
import { fold } from '../../src/text/fold.ts';
import { isCode, tokenise } from '../../src/text/tokenise.ts';

/** A query that people sent, and how often. */
export interface PopularQuery {
  readonly query: string;
  /** The query without regard to case, accents and spaces. */
  readonly folded: string;
  readonly count: number;
}

export interface SuggesterParts {
  readonly textIndex: TextIndex;
  /** Queries that found something, most frequent first; read at each call, so keep it in memory. */
  readonly popularQueries?: () => readonly PopularQuery[];
}

/**
 * Completions of what is being typed: what others searched for first, then what the items have that the filter keeps. Slips
 * are forgiven; no text comes twice.
 */
export function createSuggester({ textIndex, popularQueries }: SuggesterParts) {
  return async (typed: string, limit: number, filter?: ItemFilter): Promise<Suggestion[]> => {
    const beginning = fold(typed.slice(0, LONGEST)).trimStart();
    if (beginning.trim() === '' || limit < 1) return [];
    const popular = (popularQueries?.() ?? [])
      .flatMap(({ query, folded, count }): Suggestion[] => {
        const slips = slipsTo(folded, beginning);
        return slips === undefined ? [] : [{ text: query, score: 2 + Math.log10(count) - slips }];
      })
      .sort((a, b) => b.score - a.score);
    const own = await textIndex.suggest(typed, limit, filter);
    const seen = new Set<string>();
    return [...popular.slice(0, Math.ceil(limit / 2)), ...own, ...popular.slice(Math.ceil(limit / 2))]
      .filter(({ text }) => !seen.has(fold(text)) && seen.add(fold(text)))
      .slice(0, limit);
  };
}

/** More than this nobody types before looking. */
const LONGEST = 200;

/** Slips between a query's beginning and what was typed; `undefined` where there are more than are forgiven, or a code differs. */
function slipsTo(query: string, typed: string): number | undefined {
  if (query.startsWith(typed)) return 0;
  const most = allowedEdits(typed.length);
  if (most === 0 || query[0] !== typed[0]) return undefined;
  let least = most + 1;
  for (let length = typed.length - most; length <= typed.length + most; length++)
    least = Math.min(least, editDistance(typed, query.slice(0, length), most));
  return least <= most && hasCodesOf(typed, query) ? least : undefined;
}

/** Whether the query has all numbers and codes that were typed, the last word at least by its beginning. */
function hasCodesOf(typed: string, query: string): boolean {
  const there = tokenise(query).map(({ word }) => word);
  return tokenise(typed).every(
    ({ word, end }) => !isCode(word) || there.some((other) => other === word || (end === typed.length && other.startsWith(word))),
  );
}
