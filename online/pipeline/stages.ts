import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Item, ItemId } from '../../src/domain/item.ts';
import type { OverlaidCandidate, Query, RankedCandidate } from '../../src/domain/pipeline.ts';
import type { Constraint, ItemFilter } from '../../src/filters/itemFilter.ts';
import { readsState } from '../../src/ranking/rank.ts';
import type { SearchResult } from '../../src/text/hybridSearch.ts';
import { checkPage } from './checkPage.ts';
import type { createEnrich } from './enrich.ts';
import { filterCandidates, filterOf } from './filter.ts';
import type { Governance } from './governance.ts';
import { newItemPlaces } from './newItemPlaces.ts';
import type { Page } from './pages.ts';
import type { Stages } from './pipeline.ts';
import type { createRank } from './rank.ts';
import { retrieveCandidates } from './retrieve.ts';
import type { createSearches } from './search.ts';
import type { createUnderstand } from './understand.ts';

/** The parts of the stages that live as long as the process. */
export interface StageParts {
  readonly understand: ReturnType<typeof createUnderstand>;
  readonly enrich: ReturnType<typeof createEnrich>;
  readonly rank: ReturnType<typeof createRank>;
  readonly searches: ReturnType<typeof createSearches>;
  readonly serving: Config['serving'];
}

/** What one run goes by: all of it taken at its start, so that a swap or an edit during the run changes nothing of it. */
export interface Run {
  readonly artifact: LoadedArtifact;
  readonly governance: Governance;
  /** The request's own filter, parsed. */
  readonly ownFilter?: Constraint;
  readonly page: Page;
  /** How many candidates stage two gets; by the depth of the page when absent. */
  readonly pool?: number;
  /** Order by fields, where the request asks for one. */
  readonly order?: ItemOrder;
}

export type ItemOrder = (a: Item, b: Item) => number;

/** What an answer needs of a run beside the list. */
export interface RunNotes {
  /** What every candidate has to pass; made once. */
  readonly filter: (query: Query) => ItemFilter;
  /** How many candidates retrieval was asked for. */
  pool: number;
  search?: SearchResult;
}

/** The stages of one run. */
export function stagesOf(parts: StageParts, run: Run): { stages: Stages; notes: RunNotes } {
  const { artifact, governance } = run;
  const constraints = run.ownFilter === undefined ? governance.constraints : [...governance.constraints, run.ownFilter];
  let filter: ItemFilter | undefined;
  const filterFor = (query: Query): ItemFilter => {
    filter ??= filterOf(query, constraints);
    return filter;
  };
  const notes: RunNotes = { filter: filterFor, pool: 0 };
  const stages: Stages = {
    understand: parts.understand,
    async retrieve(query, trace) {
      notes.pool = run.pool ?? poolSize(parts.serving, run.page.shown.length + query.limit);
      const retrieval = await retrieveCandidates(
        {
          artifact,
          search: parts.searches(artifact),
          serving: parts.serving,
          filter: filterFor(query),
          pool: notes.pool,
          pinned: governance.pinned(query),
          order: run.order,
        },
        query,
        trace,
      );
      if (retrieval.search !== undefined) notes.search = retrieval.search;
      return retrieval;
    },
    filter: (query, candidates) => filterCandidates(artifact, filterFor(query), candidates),
    enrich: (query, candidates, trace) =>
      readsState(artifact, query) ? parts.enrich(candidates, trace) : { kept: candidates, removed: [] },
    rank: (query, candidates, trace) => parts.rank(artifact, query, candidates, trace),
    overlay: (query, ranked) => {
      const left = withoutShown(ranked, run.page.shown);
      const offset = run.page.shown.length;
      const newItems = newItemPlaces(query, artifact.catalogue, parts.serving.exploration.newItems, offset);
      const overlaid = governance.apply(artifact, query, left, { offset, newItems });
      return run.order === undefined ? overlaid : { ...overlaid, kept: inOrder(overlaid.kept, run.order) };
    },
    check: (query, overlaid) => checkPage(filterFor(query), overlaid, query.limit),
  };
  return { stages, notes };
}

/** Rules may score, hide and cap a list that was asked for in an order, but its order is the one asked for. */
const inOrder = (list: readonly OverlaidCandidate[], order: ItemOrder): readonly OverlaidCandidate[] =>
  [...list].sort((a, b) => order(a.item, b.item));

/**
 * What pages before have shown is taken out only here, so that every page cuts from the same ranking: what moved up meanwhile
 * comes next, and nothing is left out.
 */
function withoutShown(ranked: readonly RankedCandidate[], shown: readonly ItemId[]): readonly RankedCandidate[] {
  if (shown.length === 0) return ranked;
  const before = new Set(shown);
  return ranked.filter(({ id }) => !before.has(id));
}

/**
 * Twice as deep as the list goes, so that rules and policies have something to choose from; in doublings of what is
 * configured, so that the pages of a list mostly have the same pool.
 */
function poolSize({ candidates }: Config['serving'], depth: number): number {
  let pool = candidates;
  while (pool < 2 * depth) pool *= 2;
  return pool;
}
