import type { Item, ItemId } from '../domain/item.ts';
import type { Bitset } from '../filters/bitset.ts';
import type { ItemFilter } from '../filters/itemFilter.ts';

export interface TextHit {
  readonly id: ItemId;
  /** Lexical relevance, higher is better; comparable within one query only. */
  readonly score: number;
  /** Named match features for the ranker, such as `bm25.title`, `coverage`, `phrase`, `exact`. */
  readonly features: Readonly<Record<string, number>>;
}

export interface TextResult {
  readonly hits: readonly TextHit[];
  /** How many items match, before the cut to k. */
  readonly total: number;
  /** What was searched instead, where spelling was repaired; else null. */
  readonly correctedQuery: string | null;
  /** Numbers and codes of the query, as they were typed: matched as they are or not at all. */
  readonly codes?: readonly string[];
  /** Whether every hit has what the query has in quotes, word for word. */
  readonly quoted?: boolean;
  /** What was not to be had, so that the query was taken less strictly: what is in quotes, or all words in one item. */
  readonly relaxed?: 'quotes' | 'words' | undefined;
  /** Catalogue rows of all that match, whatever the filter, for counting facets; absent where the index is not in this process. */
  readonly matching?: Bitset;
}

export interface Suggestion {
  readonly text: string;
  readonly score: number;
}

/**
 * Full-text search over the catalogue's text and category fields, with their boosts. Any string is a valid query; one without a
 * word matches nothing. Words in double quotes must stand together as they are written, if any item that the filter keeps has them so. Items must be in the catalogue before they are put here, and go from here when they leave it.
 */
export interface TextIndex {
  /**
   * @param onUnderstood told once, as soon as the query is understood and before anything is scored, what to look for by meaning:
   * the query, its spelling repaired, without codes that no item has; empty where that leaves nothing
   */
  search(query: string, k: number, filter?: ItemFilter, onUnderstood?: (meant: string) => void): Promise<TextResult>;
  /** Completions out of the items that the filter keeps, best first. */
  suggest(prefix: string, limit: number, filter?: ItemFilter): Promise<readonly Suggestion[]>;
  upsert(items: readonly Item[]): Promise<void>;
  remove(ids: readonly ItemId[]): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}
