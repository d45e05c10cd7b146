import { enriched } from '../../src/domain/candidates.ts';
import type { EligibleCandidate, EnrichedCandidate, StageResult } from '../../src/domain/pipeline.ts';
import { entityKey } from '../../src/domain/state.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';
import type { Guard } from './guard.ts';
import type { Trace } from './trace.ts';

/** What the store knows of every candidate, in one round trip. With the store away all are as if nobody had touched them. */
export function createEnrich({ store, guard }: { store: FeatureStore; guard: Guard }) {
  return async (candidates: readonly EligibleCandidate[], trace: Trace): Promise<StageResult<EnrichedCandidate>> => {
    try {
      const states = await guard.run(() => store.getMany(candidates.map(({ id }) => entityKey('item', id))));
      return { kept: candidates.map((candidate, i) => enriched(candidate, states[i])), removed: [] };
    } catch (error) {
      trace.degrade('store', error);
      return { kept: candidates, removed: [] };
    }
  };
}
