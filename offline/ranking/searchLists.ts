import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { EnrichedCandidate } from '../../src/domain/pipeline.ts';
import type { RankingContext } from '../../src/features/feature.ts';
import type { ItemFilter } from '../../src/filters/itemFilter.ts';
import type { HybridSearch } from '../../src/text/hybridSearch.ts';
import type { Judgment } from '../dataset/judgments.ts';
import { pastQuery } from './query.ts';

/** A query with what stage one finds for it, and how well each candidate answers it. */
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

/** The lists of judged queries, in the order in which the queries are first named. A query judged with nothing above 0 is left out. */
export async function judgedLists(
  judgments: readonly Judgment[],
  { search, catalogue, onList }: { search: HybridSearch; catalogue: Catalogue; onList?: (done: number, of: number) => void },
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
    const ideal = idealOf([...grades.values()].map(gainOf));
    if (ideal === 0) continue;
    const context = await searchContext(text, { search, catalogue });
    const answers = new Map([...grades].map(([item, grade]) => [item, gainOf(grade) / highest]));
    lists.push({
      text,
      context,
      gains: Float32Array.from(context.candidates, ({ id }) => gainOf(grades.get(id) ?? 0)),
      ideal,
      answers,
    });
  }
  return lists;
}

/** What a stranger's search gives to the ranker. */
async function searchContext(
  text: string,
  { search, catalogue }: { search: HybridSearch; catalogue: Catalogue },
): Promise<RankingContext> {
  const { candidates } = await search(text, EVERYTHING, POOL);
  const enriched = candidates.flatMap((candidate): EnrichedCandidate[] => {
    const item = catalogue.at(candidate.ordinal);
    return item === undefined ? [] : [{ ...candidate, item }];
  });
  const query = pastQuery({ actor: 'session:', history: [], at: 0, route: 'search', text });
  return { query, history: [], candidates: enriched };
}

const gainOf = (grade: number): number => 2 ** grade - 1;

const idealOf = (gains: readonly number[]): number =>
  gains
    .slice()
    .sort((a, b) => b - a)
    .slice(0, 10)
    .reduce((sum, gain, place) => sum + gain / Math.log2(place + 2), 0);
