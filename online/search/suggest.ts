import type { Suggestion, TextIndex } from '../../src/ports/textIndex.ts';
import { fold } from '../../src/text/fold.ts';

/** A query that people sent, and how often. */
export interface PopularQuery {
  readonly query: string;
  readonly count: number;
}

export interface SuggesterParts {
  readonly textIndex: TextIndex;
  /** Queries that found something, most frequent first; read at each call, so keep it in memory. */
  readonly popularQueries?: () => readonly PopularQuery[];
}

const POPULAR_LOOKED_AT = 5000;

/** Completions of what is being typed: what others searched for first, then what the catalogue has. No text comes twice. */
export function createSuggester({ textIndex, popularQueries }: SuggesterParts) {
  return async (typed: string, limit: number): Promise<Suggestion[]> => {
    const beginning = fold(typed).trimStart();
    if (beginning.trim() === '' || limit < 1) return [];
    const popular = (popularQueries?.() ?? [])
      .slice(0, POPULAR_LOOKED_AT)
      .filter(({ query }) => fold(query).startsWith(beginning))
      .sort((a, b) => b.count - a.count)
      .map(({ query, count }): Suggestion => ({ text: query, score: 2 + Math.log10(count) }));
    const own = await textIndex.suggest(typed, limit);
    const seen = new Set<string>();
    return [...popular.slice(0, Math.ceil(limit / 2)), ...own, ...popular.slice(Math.ceil(limit / 2))]
      .filter(({ text }) => !seen.has(fold(text)) && seen.add(fold(text)))
      .slice(0, limit);
  };
}
