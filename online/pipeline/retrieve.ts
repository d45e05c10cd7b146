import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Item, ItemId } from '../../src/domain/item.ts';
import type { Candidate, Query, Removal, StageResult } from '../../src/domain/pipeline.ts';
import type { ItemFilter } from '../../src/filters/itemFilter.ts';
import { retrieve } from '../../src/retrieval/retrieve.ts';
import type { HybridSearch, SearchResult } from '../../src/text/hybridSearch.ts';
import type { Trace } from './trace.ts';

export interface RetrieveTask {
  readonly artifact: LoadedArtifact;
  readonly search: HybridSearch;
  readonly serving: Config['serving'];
  readonly filter: ItemFilter;
  /** How many candidates stage two gets. */
  readonly pool: number;
  /** Items that a rule pins: candidates whatever the sources say. */
  readonly pinned: readonly ItemId[];
  /** Order by fields, where a search asks for one. */
  readonly order?: (a: Item, b: Item) => number;
}

export interface Retrieval extends StageResult<Candidate> {
  /** What a search knows beside its candidates. */
  readonly search?: SearchResult;
}

/** Best answers among which a caller's own candidates are looked for. */
const MOST_MATCHES = 2000;

/** Stage one. No source's failure is the request's: what answers counts, and what is popular within policy always does. */
export async function retrieveCandidates(task: RetrieveTask, query: Query, trace: Trace): Promise<Retrieval> {
  if (query.items !== undefined) return matchedWith(ownCandidates(task.artifact, query.items), task, query.text, trace);
  if (query.text !== undefined) {
    const found = await searchCandidates(task, query.text, trace);
    if (found !== undefined)
      return {
        kept: withPinned(task, task.order === undefined ? found.candidates : inOrder(task, task.order, found)),
        removed: [],
        search: found,
      };
  }
  const asked = query.text === undefined ? query : withoutText(query);
  const { artifact, serving, filter, pool } = task;
  const { candidates, degraded } = await retrieve(
    {
      sources: artifact.sources,
      catalogue: artifact.catalogue,
      deadline: serving.deadlines.retrieve,
      newItems: serving.exploration.newItems,
      onFailure: (source, error) => trace.degrade(`retrieve.${source}`, error),
    },
    asked,
    filter,
    pool,
  );
  for (const part of degraded) trace.degrade(part);
  return { kept: withPinned(task, candidates), removed: [] };
}

async function searchCandidates(task: RetrieveTask, text: string, trace: Trace): Promise<SearchResult | undefined> {
  try {
    const found = await task.search(text, task.filter, task.pool);
    for (const part of found.degraded) trace.degrade(part);
    return found;
  } catch (error) {
    trace.degrade('retrieve.lexical', error);
    return undefined;
  }
}

/** The first of all that match, in the order asked for; how well each matches is no matter then. */
function inOrder(
  { artifact, filter, pool }: RetrieveTask,
  order: (a: Item, b: Item) => number,
  found: SearchResult,
): readonly Candidate[] {
  const plan = artifact.planner.plan(filter);
  const matching: { item: Item; ordinal: number }[] = [];
  found.matching.forEach((ordinal) => {
    const item = plan.has(ordinal) ? artifact.catalogue.at(ordinal) : undefined;
    if (item !== undefined) matching.push({ item, ordinal });
  });
  matching.sort((a, b) => order(a.item, b.item) || a.ordinal - b.ordinal);
  const known = new Map(found.candidates.map((candidate) => [candidate.ordinal, candidate]));
  return matching.slice(0, pool).map(({ item, ordinal }, i) => {
    const hit = { source: 'sorted', score: 0, rank: i + 1 };
    const candidate = known.get(ordinal);
    return candidate === undefined ? { id: item.id, ordinal, hits: [hit] } : { ...candidate, hits: [...candidate.hits, hit] };
  });
}

/** A search whose index is away becomes a list of what is popular within policy. */
function withoutText({ text: _, ...query }: Query): Query {
  return query;
}

/** The caller's own, each once, in the caller's order. */
function ownCandidates(artifact: LoadedArtifact, ids: readonly ItemId[]): StageResult<Candidate> {
  const kept: Candidate[] = [];
  const removed: Removal[] = [];
  for (const id of new Set(ids)) {
    const ordinal = artifact.catalogue.ordinal(id);
    if (ordinal === undefined) removed.push({ id, stage: 'retrieve', reason: 'unknown-item' });
    else kept.push({ id, ordinal, hits: [{ source: 'request', score: 0, rank: kept.length + 1 }] });
  }
  return { kept, removed };
}

/** How the caller's own candidates answer the caller's text, where there is one; what does not match keeps no match. */
async function matchedWith(
  own: StageResult<Candidate>,
  task: RetrieveTask,
  text: string | undefined,
  trace: Trace,
): Promise<StageResult<Candidate>> {
  const found = text === undefined ? undefined : await searchCandidates({ ...task, pool: MOST_MATCHES }, text, trace);
  if (found === undefined) return own;
  const matches = new Map(found.candidates.map(({ ordinal, match }) => [ordinal, match]));
  const kept = own.kept.map((candidate) => {
    const match = matches.get(candidate.ordinal);
    return match === undefined ? candidate : { ...candidate, match };
  });
  return { ...own, kept };
}

function withPinned({ artifact, pinned }: RetrieveTask, candidates: readonly Candidate[]): readonly Candidate[] {
  if (pinned.length === 0) return candidates;
  const present = new Set(candidates.map(({ id }) => id));
  const added: Candidate[] = [];
  for (const id of pinned) {
    const ordinal = artifact.catalogue.ordinal(id);
    if (ordinal === undefined || present.has(id)) continue;
    present.add(id);
    added.push({ id, ordinal, hits: [{ source: 'pinned', score: 0, rank: added.length + 1 }] });
  }
  return [...candidates, ...added];
}
