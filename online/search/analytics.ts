import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { EnrichedEvent } from '../../src/domain/event.ts';
import { fold } from '../../src/text/fold.ts';
import type { PopularQuery } from './suggest.ts';

export interface QueryCount {
  readonly query: string;
  readonly searches: number;
  readonly clicks: number;
  /** Share of the searches with at least one click. */
  readonly clickThrough: number;
}

export interface SearchReport {
  readonly searches: number;
  readonly topQueries: readonly QueryCount[];
  /** Queries whose latest search found nothing. */
  readonly noResultQueries: readonly QueryCount[];
  /** Clicks by place in the list, counted from 1, and how often a list was that long. */
  readonly clickPositions: readonly { readonly position: number; readonly clicks: number; readonly shown: number }[];
}

/** Queries that are told apart; rarer ones beyond are forgotten first. */
const MOST_QUERIES = 20_000;
/** Searches whose clicks are waited for. */
const MOST_OPEN = 50_000;
/** Requests whose actions came before their list did: both are on their way to the log at the same time. */
const MOST_EARLY = 1000;
const MOST_POSITIONS = 100;
/** So many people must have asked a thing before it is offered to others. */
const LEAST_ASKERS = 3;
const MOST_POPULAR = 1000;

interface Tally {
  query: string;
  searches: number;
  clicks: number;
  clicked: number;
  empty: boolean;
  /** Who asked, until there are enough; somebody without a name is somebody else each time. */
  askers: Set<string>;
}

const listSchema = z.array(z.tuple([z.string(), z.number()]));

interface OpenSearch {
  readonly key: string;
  /** Ids and positions of what was shown, as text: tens of thousands wait, and few are ever read. */
  readonly list: string;
  clicked: boolean;
}

/**
 * Counts searches and what was clicked from the enriched events, in one pass and bounded memory. Feed it the log from the
 * beginning and then what comes; queries count as the same without regard to case and accents.
 */
export function createSearchAnalytics() {
  const tallies = new Map<string, Tally>();
  const open = new Map<string, OpenSearch>();
  const early = new LRUCache<string, string[]>({ max: MOST_EARLY });
  const shown = new Float64Array(MOST_POSITIONS + 1);
  const clicks = new Float64Array(MOST_POSITIONS + 1);
  let searches = 0;
  let popular: { readonly at: number; readonly queries: readonly PopularQuery[] } = { at: 0, queries: [] };

  const tallyOf = (query: string): Tally => {
    const key = keyOf(query);
    let tally = tallies.get(key);
    if (tally === undefined) {
      if (tallies.size >= MOST_QUERIES) forgetRare(tallies);
      tally = { query, searches: 0, clicks: 0, clicked: 0, empty: false, askers: new Set() };
      tallies.set(key, tally);
    }
    return tally;
  };

  const act = (search: OpenSearch, itemId: string): void => {
    const position = listSchema.parse(JSON.parse(search.list)).find(([id]) => id === itemId)?.[1];
    if (position === undefined) return;
    if (position <= MOST_POSITIONS) clicks[position] = (clicks[position] ?? 0) + 1;
    const tally = tallies.get(search.key);
    if (tally === undefined) return;
    tally.clicks += 1;
    if (!search.clicked) tally.clicked += 1;
    search.clicked = true;
  };

  return {
    /** Takes one event; only searches and actions on what they showed count. */
    take(event: EnrichedEvent): void {
      if (event.kind === 'impression') {
        if (event.query === undefined || event.query.trim() === '') return;
        searches += 1;
        const tally = tallyOf(event.query);
        tally.searches += 1;
        tally.empty = event.items.length === 0;
        if (tally.askers.size < LEAST_ASKERS) tally.askers.add(event.userId ?? event.sessionId ?? event.requestId);
        for (const { position } of event.items) if (position <= MOST_POSITIONS) shown[position] = (shown[position] ?? 0) + 1;
        const [oldest] = open.size >= MOST_OPEN ? open.keys() : [];
        if (oldest !== undefined) open.delete(oldest);
        const list = JSON.stringify(event.items.map(({ id, position }) => [id, position]));
        const search = { key: keyOf(event.query), list, clicked: false };
        open.set(event.requestId, search);
        for (const itemId of early.get(event.requestId) ?? []) act(search, itemId);
        early.delete(event.requestId);
        return;
      }
      if (event.requestId === undefined) return;
      const search = open.get(event.requestId);
      if (search === undefined)
        early.set(event.requestId, [event.itemId, ...(early.get(event.requestId) ?? [])].slice(0, MOST_POSITIONS));
      else act(search, event.itemId);
    },
    report(limit = 50): SearchReport {
      const counted = [...tallies.values()].sort((a, b) => b.searches - a.searches || (a.query < b.query ? -1 : 1));
      const publish = ({ query, searches: times, clicks: all, clicked }: Tally): QueryCount => ({
        query,
        searches: times,
        clicks: all,
        clickThrough: times === 0 ? 0 : clicked / times,
      });
      return {
        searches,
        topQueries: counted.slice(0, limit).map(publish),
        noResultQueries: counted
          .filter(({ empty }) => empty)
          .slice(0, limit)
          .map(publish),
        clickPositions: Array.from(shown, (times, position) => ({
          position,
          clicks: clicks[position] ?? 0,
          shown: times,
        })).filter(({ shown: times }) => times > 0),
      };
    },
    /**
     * Queries of several people that found something, most frequent first, for completion. Counted anew when searches have
     * grown by a share that can change them.
     */
    popular(): readonly PopularQuery[] {
      if (searches - popular.at > tallies.size / 20) {
        const queries = [...tallies]
          .filter(([, { empty, askers }]) => !empty && askers.size >= LEAST_ASKERS)
          .map(([folded, { query, searches: count }]) => ({ query, folded, count }))
          .sort((a, b) => b.count - a.count)
          .slice(0, MOST_POPULAR);
        popular = { at: searches, queries };
      }
      return popular.queries;
    },
  };
}

export type SearchAnalytics = ReturnType<typeof createSearchAnalytics>;

const keyOf = (query: string): string => fold(query).trim().replace(/\s+/g, ' ');

/** Makes room by dropping the rarer half. */
function forgetRare(tallies: Map<string, Tally>): void {
  const order = [...tallies].sort(([, a], [, b]) => a.searches - b.searches);
  for (const [key] of order.slice(0, Math.ceil(order.length / 2))) tallies.delete(key);
}
