import type {
  Candidate,
  EligibleCandidate,
  EnrichedCandidate,
  OverlaidCandidate,
  Query,
  RankedCandidate,
  StageResult,
} from '../../src/domain/pipeline.ts';
import type { ListRequest } from './request.ts';
import type { Trace } from './trace.ts';

/** A stage takes a list and gives one back whose entries hold more; what it leaves out it names, with the reason. */
type Stage<In, Out> = (query: Query, list: readonly In[], trace: Trace) => Promise<StageResult<Out>> | StageResult<Out>;

/** The architecture: each type holds all that the stage before it guaranteed. */
export interface Stages {
  readonly understand: (request: ListRequest, trace: Trace) => Promise<Query>;
  readonly retrieve: (query: Query, trace: Trace) => Promise<StageResult<Candidate>>;
  readonly filter: Stage<Candidate, EligibleCandidate>;
  readonly enrich: Stage<EligibleCandidate, EnrichedCandidate>;
  readonly rank: Stage<EnrichedCandidate, RankedCandidate>;
  readonly overlay: Stage<RankedCandidate, OverlaidCandidate>;
  /** Cuts the page out of the list. Nothing passes that a policy forbids: this is the last thing before the answer. */
  readonly check: Stage<OverlaidCandidate, OverlaidCandidate>;
}

export interface Outcome {
  readonly query: Query;
  readonly page: readonly OverlaidCandidate[];
  /** The whole list in its final order, of which the page is a part. */
  readonly overlaid: readonly OverlaidCandidate[];
  readonly enriched: readonly EnrichedCandidate[];
  /** What stage one brought. */
  readonly retrieved: readonly Candidate[];
}

/** query → candidates → eligible → enriched → ranked → overlaid → page. */
export async function runStages(stages: Stages, request: ListRequest, trace: Trace): Promise<Outcome> {
  const query = await trace.time('understand', () => stages.understand(request, trace));
  const candidates = trace.kept(await trace.time('retrieve', () => stages.retrieve(query, trace)));
  const eligible = trace.kept(await trace.time('filter', () => stages.filter(query, candidates, trace)));
  const enriched = trace.kept(await trace.time('enrich', () => stages.enrich(query, eligible, trace)));
  const ranked = trace.kept(await trace.time('rank', () => stages.rank(query, enriched, trace)));
  const overlaid = trace.kept(await trace.time('rules', () => stages.overlay(query, ranked, trace)));
  const page = trace.kept(await trace.time('policy', () => stages.check(query, overlaid, trace)));
  return { query, page, overlaid, enriched, retrieved: candidates };
}
