import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { Explanation, OverlaidCandidate, Query, Slate, SlateItem } from '../../src/domain/pipeline.ts';
import type { Trace } from './trace.ts';

/** Contributions of features to each explained item's relevance. */
export type Contributions = ReadonlyMap<string, Readonly<Record<string, number>>>;

/** The answer to a list request, from the page that passed. */
export function presentSlate(
  artifact: LoadedArtifact,
  query: Query,
  page: readonly OverlaidCandidate[],
  trace: Trace,
  extras: { readonly nextCursor: string | null; readonly contributions?: Contributions },
): Slate {
  return {
    requestId: query.requestId,
    items: page.map((candidate) => presentItem(candidate, extras.contributions)),
    nextCursor: extras.nextCursor,
    degraded: [...trace.degraded.keys()],
    served: { artifact: artifact.manifest.version, ranker: trace.ledBy ?? 'none', experiment: null },
  };
}

function presentItem(candidate: OverlaidCandidate, contributions: Contributions | undefined): SlateItem {
  const { id, score, hits, item } = candidate;
  const shown = { id, score, sources: hits, fields: item.fields };
  return contributions === undefined ? shown : { ...shown, explanation: explain(candidate, contributions.get(id) ?? {}) };
}

export function explain(
  { relevance, effects, pinnedAt }: OverlaidCandidate,
  contributions: Readonly<Record<string, number>>,
): Explanation {
  return { relevance, contributions, effects, ...(pinnedAt === undefined ? {} : { pinnedAt }) };
}
