import type { Candidate, Explanation, OverlaidCandidate, Removal, SourceHit } from '../src/domain/pipeline.ts';
import { checkItem } from '../src/filters/check.ts';
import { contributionMethod } from './contributionMethod.ts';
import type { ServedList, ServeList } from './lists.ts';
import { explain } from './pipeline/present.ts';
import type { ListRequest } from './pipeline/request.ts';

/** What became of one item on the way to one list. */
export interface Explained {
  readonly requestId: string;
  readonly itemId: string;
  readonly outcome: 'listed' | 'removed';
  /** Place in the list, counted from 1; in the whole ranking where it fell below the cut. */
  readonly position?: number;
  readonly score?: number;
  readonly sources?: readonly SourceHit[];
  readonly explanation?: Explanation & { readonly method: string };
  readonly removal?: Removal;
  /** The last item that made it, where the item fell below a cut. */
  readonly cutoff?: { readonly score: number; readonly rank: number };
}

/** How deep the sources are searched for an item that was not retrieved. */
const DEEP = 5000;

/**
 * Runs the real stages for the request and reads the item's fate off their record. An item that no source brought is checked
 * against the filter the sources were given; if it passes that, it fell below the cut of retrieval.
 */
export function createExplain(serve: ServeList, deeper: FindDeeper) {
  return async (request: ListRequest & { readonly probe: string }): Promise<Explained> => {
    const served = await serve(request, { record: false });
    const { probe } = request;
    const { page, overlaid, query } = served.outcome;
    const base = { requestId: query.requestId, itemId: probe };
    const listedAt = page.findIndex(({ id }) => id === probe);
    if (listedAt >= 0) return { ...base, outcome: 'listed', position: listedAt + 1, ...standing(page[listedAt], served) };
    const removal = served.trace.removed.find(({ id }) => id === probe) ?? beforeRetrieval(served, probe);
    if (removal !== undefined) return { ...base, outcome: 'removed', removal };
    const rankedAt = overlaid.findIndex(({ id }) => id === probe);
    if (rankedAt >= 0) {
      const last = page.at(-1);
      return {
        ...base,
        outcome: 'removed',
        position: rankedAt + 1,
        ...standing(overlaid[rankedAt], served),
        removal: { id: probe, stage: 'page', reason: 'below-cut', detail: `the list ends at ${page.length}` },
        ...(last === undefined ? {} : { cutoff: { score: last.score, rank: page.length } }),
      };
    }
    return { ...base, outcome: 'removed', ...(await belowRetrieval(served, probe, deeper)) };
  };
}

/** Finds candidates of a request beyond the pool that its list was made from. */
export type FindDeeper = (served: ServedList, pool: number) => Promise<readonly Candidate[]>;

/** How the contributions of a served list were made; of a list that the ranker was away for, not at all. */
export const methodOf = ({ artifact, outcome, trace }: ServedList): string =>
  contributionMethod(trace.degraded.has('ranker') ? {} : artifact, outcome.query);

function standing(candidate: OverlaidCandidate | undefined, served: ServedList): Partial<Explained> {
  if (candidate === undefined) return {};
  const { id, score, hits } = candidate;
  const explanation = explain(candidate, served.contributions?.get(id) ?? {});
  return { score, sources: hits, explanation: { ...explanation, method: methodOf(served) } };
}

/** Why no source could bring the item: it is not there, or the filter that sources are given keeps it out. */
function beforeRetrieval({ artifact, filter }: ServedList, id: string): Removal | undefined {
  const item = artifact.catalogue.get(id);
  if (item === undefined) return { id, stage: 'retrieve', reason: 'unknown-item', detail: 'not in the catalogue' };
  const verdict = checkItem(filter, item);
  return verdict.kept ? undefined : { id, stage: 'filter', reason: verdict.reason, detail: verdict.detail };
}

async function belowRetrieval(served: ServedList, id: string, deeper: FindDeeper): Promise<Partial<Explained>> {
  const pool = served.outcome.retrieved;
  const found = await deeper(served, DEEP);
  const rank = found.findIndex((candidate) => candidate.id === id);
  const detail =
    rank < 0
      ? `no source brings it among its first ${DEEP}`
      : `place ${rank + 1} of retrieval, and the first ${pool.length} are ranked`;
  const last = pool.at(-1)?.hits[0];
  return {
    ...(rank < 0 ? {} : { position: rank + 1, sources: found[rank]?.hits }),
    removal: { id, stage: 'retrieve', reason: 'below-cut', detail },
    ...(last === undefined ? {} : { cutoff: { score: last.score, rank: pool.length } }),
  };
}
