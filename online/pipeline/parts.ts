import type { Config } from '../../src/config/schema.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { Candidate } from '../../src/domain/pipeline.ts';
import type { Logger } from '../../src/logging/logger.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';
import type { ServedList } from '../lists.ts';
import { createEnrich } from './enrich.ts';
import { createFeatureTime } from './featureTime.ts';
import { createGuard } from './guard.ts';
import { createRank } from './rank.ts';
import { retrieveCandidates } from './retrieve.ts';
import { createSearches } from './search.ts';
import type { StageParts } from './stages.ts';
import { Trace } from './trace.ts';
import { createUnderstand } from './understand.ts';

/** The parts of the stages, each dependency behind its deadline. */
export function createStageParts(dependencies: {
  readonly config: Config;
  readonly store: FeatureStore;
  readonly clock: Clock;
  readonly logger: Logger;
}): StageParts {
  const { config, store, clock, logger } = dependencies;
  const { deadlines } = config.serving;
  const storeGuard = createGuard('the feature store', deadlines.store);
  return {
    understand: createUnderstand({ store, guard: storeGuard, featureTime: createFeatureTime(store, clock), clock, config }),
    enrich: createEnrich({ store, guard: storeGuard }),
    rank: createRank({ guard: createGuard('the ranker', deadlines.rank) }),
    searches: createSearches(config.serving, logger),
    serving: config.serving,
  };
}

/** The candidates that a request's list would have with a larger pool, in retrieval's order. */
export const findDeeper =
  (parts: StageParts) =>
  async ({ artifact, filter, outcome }: ServedList, pool: number): Promise<readonly Candidate[]> => {
    const task = { artifact, search: parts.searches(artifact), serving: parts.serving, filter, pool, pinned: [] };
    return (await retrieveCandidates(task, outcome.query, new Trace())).kept;
  };
