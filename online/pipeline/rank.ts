import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { EnrichedCandidate, Query, RankedCandidate, StageResult } from '../../src/domain/pipeline.ts';
import { leaderOf, type RankOptions, rank } from '../../src/ranking/rank.ts';
import { trail } from '../../src/retrieval/sources/context.ts';
import type { Guard } from './guard.ts';
import type { Trace } from './trace.ts';

/** Stage two. With the ranker away or late the list keeps retrieval's order. */
export function createRank({ guard }: { guard: Guard }) {
  return async (
    artifact: LoadedArtifact,
    query: Query,
    candidates: readonly EnrichedCandidate[],
    trace: Trace,
    options: RankOptions = {},
  ): Promise<StageResult<RankedCandidate>> => {
    const context = { query, history: trail(artifact.models, query), candidates };
    try {
      const kept = await guard.run(() => rank(artifact, context, options));
      trace.ledBy = leaderOf(artifact, context)?.id;
      return { kept, removed: [] };
    } catch (error) {
      trace.ledBy = undefined;
      trace.degrade('ranker', error);
      return { kept: await rank({ vectoriser: artifact.vectoriser }, context), removed: [] };
    }
  };
}
