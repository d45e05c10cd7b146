import { LRUCache } from 'lru-cache';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { eligible, enriched } from '../../src/domain/candidates.ts';
import type { EligibleCandidate } from '../../src/domain/pipeline.ts';
import type { EntityState } from '../../src/domain/state.ts';
import type { RankingContext } from '../../src/features/feature.ts';
import type { ItemFilter } from '../../src/filters/itemFilter.ts';
import type { HybridSearch } from '../../src/text/hybridSearch.ts';
import type { Judgment } from '../dataset/judgments.ts';
import { idealDcg } from './listMetrics.ts';
import { pastQuery } from './query.ts';

/** A judged query with what stage one finds for it, and how well each candidate answers it. */
export interface SearchList {
  readonly text: string;
  readonly context: RankingContext;
  /** Gains of the candidates: 2^grade − 1, 0 for what nobody judged. */
  readonly gains: Float32Array;
  /** The best NDCG@10 could do with all that was judged, found or not. */
  readonly ideal: number;
  /** How well every judged item answers the query, from 0 to 1. */
  readonly answers: ReadonlyMap<string, number>;
}

const EVERYTHING: ItemFilter = {
  constraints: [],
  bindings: { user: {}, request: { route: 'search', scenario: '', context: {} }, now: 0 },
  excluded: new Set(),
};

/** Candidates that a search ranker sees of a query, as in serving. */
const POOL = 200;
/** Texts whose candidates are kept at hand: searches repeat. */
const REMEMBERED = 500;

/** What stage one finds for a text now, best first, as the ranker of searches gets it. */
export type Find = (text: string) => Promise<readonly EligibleCandidate[]>;

export function createFind({ search, catalogue }: { search: HybridSearch; catalogue: Catalogue }): Find {
  const known = new LRUCache<string, readonly EligibleCandidate[]>({ max: REMEMBERED });
  return async (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const { candidates } = await search(text, EVERYTHING, POOL);
    const found = candidates.flatMap((candidate): EligibleCandidate[] => {
      const item = catalogue.at(candidate.ordinal);
      return item === undefined ? [] : [eligible(candidate, item)];
    });
    known.set(text, found);
    return found;
  };
}

/** What is known of candidates by now, in their order; what nobody has touched is `undefined`. */
export type StatesOf = (candidates: readonly EligibleCandidate[]) => Promise<readonly (EntityState | undefined)[]>;

/**
 * The lists of judged queries as a stranger would get them now, in the order in which the queries are first named. A query
 * judged with nothing above 0 is left out.
 * @param at feature time, milliseconds
 */
export async function judgedLists(
  judgments: readonly Judgment[],
  { find, statesOf, at, onList }: { find: Find; statesOf?: StatesOf; at: number; onList?: (done: number, of: number) => void },
): Promise<SearchList[]> {
  const byQuery = new Map<string, Map<string, number>>();
  let highest = 0;
  for (const { query, item, grade } of judgments) {
    const grades = byQuery.get(query) ?? new Map<string, number>();
    byQuery.set(query, grades.set(item, grade));
    highest = Math.max(highest, gainOf(grade));
  }
  const lists: SearchList[] = [];
  let done = 0;
  for (const [text, grades] of byQuery) {
    onList?.(++done, byQuery.size);
    const ideal = idealDcg([...grades.values()].map(gainOf));
    if (ideal === 0) continue;
    const found = await find(text);
    const states = (await statesOf?.(found)) ?? [];
    const candidates = found.map((candidate, i) => enriched(candidate, states[i]));
    const query = pastQuery({ actor: 'session:', history: [], at, route: 'search', text });
    lists.push({
      text,
      context: { query, history: [], candidates },
      gains: Float32Array.from(candidates, ({ id }) => gainOf(grades.get(id) ?? 0)),
      ideal,
      answers: new Map([...grades].map(([item, grade]) => [item, gainOf(grade) / highest])),
    });
  }
  return lists;
}

const gainOf = (grade: number): number => 2 ** grade - 1;
