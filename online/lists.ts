import type { LoadedArtifact } from '../src/artifacts/loaded.ts';
import type { Config } from '../src/config/schema.ts';
import { UserError } from '../src/domain/errors.ts';
import type { Slate } from '../src/domain/pipeline.ts';
import type { Constraint, ItemFilter } from '../src/filters/itemFilter.ts';
import { parseExpression } from '../src/filters/parse.ts';
import type { Logger } from '../src/logging/logger.ts';
import type { Metrics } from '../src/metrics/metrics.ts';
import type { Governance } from './pipeline/governance.ts';
import type { Pages } from './pipeline/pages.ts';
import type { Outcome } from './pipeline/pipeline.ts';
import { type Contributions, presentSlate } from './pipeline/present.ts';
import type { ListRequest } from './pipeline/request.ts';
import { runList } from './pipeline/runList.ts';
import type { createSearchAnswer, SearchAnswer } from './pipeline/searchAnswer.ts';
import type { Run, StageParts } from './pipeline/stages.ts';
import { Trace } from './pipeline/trace.ts';
import { checkFacets } from './search/facets.ts';
import { parseSort } from './search/sort.ts';
import type { ImpressionWriter } from './serving/impressions.ts';

export interface ListDependencies {
  readonly config: Pick<Config, 'fields' | 'userFields'>;
  readonly parts: StageParts;
  readonly artifact: () => LoadedArtifact;
  readonly governance: () => Governance;
  readonly pages: Pages;
  readonly searchAnswer: ReturnType<typeof createSearchAnswer>;
  readonly impressions: ImpressionWriter;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface ServedList {
  readonly slate: Slate;
  readonly outcome: Outcome;
  /** Of a search only. */
  readonly search?: SearchAnswer;
  readonly trace: Trace;
  readonly artifact: LoadedArtifact;
  /** What every candidate had to pass. */
  readonly filter: ItemFilter;
  readonly contributions?: Contributions;
}

export interface ServeOptions {
  readonly record: boolean;
  /** Other rules and policies than those in force. */
  readonly governance?: Governance;
}

/** Serves list requests of every route. Writes an impression only where `record` says so. */
export type ServeList = (request: ListRequest, options: ServeOptions) => Promise<ServedList>;

export function createLists(dependencies: ListDependencies): ServeList {
  const { parts, pages, impressions, searchAnswer } = dependencies;
  return async (request, { record, governance = dependencies.governance() }) => {
    const artifact = dependencies.artifact();
    const run = prepareRun(dependencies, artifact, governance, request);
    const trace = new Trace();
    const { outcome, notes } = await runList(parts, run, request, trace);
    const { query, page } = outcome;
    const filter = notes.filter(query);
    const contributions = request.explain ? await explainPage(parts, artifact, outcome, trace, request.probe) : undefined;
    const nextCursor = pages.next(request, run.page, page, outcome.overlaid.length);
    const slate = presentSlate(artifact, query, page, trace, { nextCursor, contributions });
    const search =
      query.text === undefined
        ? undefined
        : await trace.time('facets', () => searchAnswer(artifact, query, page, notes.search, filter, request.facets));
    account(dependencies, request, slate, trace);
    if (record) impressions.add(query, slate);
    return { slate, outcome, search, trace, artifact, filter, contributions };
  };
}

/** Checks what only the catalogue can tell of a request. @throws UserError naming it */
function prepareRun(
  { config, pages }: ListDependencies,
  artifact: LoadedArtifact,
  governance: Governance,
  request: ListRequest,
): Run {
  if (request.anchor !== undefined && artifact.catalogue.get(request.anchor) === undefined) {
    throw new UserError(`There is no item "${request.anchor}".`, { status: 404 });
  }
  checkFacets(artifact.catalogue, request.facets);
  const order = parseSort(request.sort ?? '', config.fields);
  const ownFilter: Constraint | undefined =
    request.filter === undefined
      ? undefined
      : { kind: 'keep', id: 'filter', expression: parseExpression(request.filter, config, 'filter') };
  return { artifact, governance, ownFilter, order, page: pages.open(request) };
}

/** Each feature's part in the score of every item on the page. */
async function explainPage(
  parts: StageParts,
  artifact: LoadedArtifact,
  { query, page, enriched }: Outcome,
  trace: Trace,
  probe: string | undefined,
): Promise<Contributions> {
  const ids = new Set(probe === undefined ? page.map(({ id }) => id) : [probe]);
  const { kept } = await trace.time('explain', () => parts.rank(artifact, query, enriched, trace, { explain: ids }));
  return new Map(kept.flatMap(({ id, contributions }) => (contributions === undefined ? [] : [[id, contributions] as const])));
}

function account({ metrics, logger }: ListDependencies, { route }: ListRequest, slate: Slate, trace: Trace): void {
  for (const { stage, milliseconds } of trace.timings) metrics.stageSeconds.observe({ route, stage }, milliseconds / 1000);
  const removals = new Map<string, number>();
  for (const { stage } of trace.removed) removals.set(stage, (removals.get(stage) ?? 0) + 1);
  for (const [stage, count] of removals) metrics.removed.inc({ route, stage }, count);
  metrics.policyCatches.inc(removals.get('policy') ?? 0);
  if (slate.items.length === 0) metrics.emptyLists.inc({ route });
  for (const [stage, error] of trace.degraded) {
    metrics.degraded.inc({ route, stage });
    logger.warn('a list went on without a part', { requestId: slate.requestId, route, part: stage, error });
  }
}
