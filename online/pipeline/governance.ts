import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { ItemId } from '../../src/domain/item.ts';
import type { OverlaidCandidate, Query, RankedCandidate, StageResult } from '../../src/domain/pipeline.ts';
import type { Constraint } from '../../src/filters/itemFilter.ts';

/** Policies and rules as they stand for one run. */
export interface Governance {
  /** Every policy: an item that fails one is in no list. */
  readonly constraints: readonly Constraint[];
  /** Items that rules pin for this query, to be made candidates. */
  pinned(query: Query): readonly ItemId[];
  /**
   * The overlays, in the order of the list that results.
   * @param offset how many items earlier pages have shown
   */
  apply(
    artifact: LoadedArtifact,
    query: Query,
    ranked: readonly RankedCandidate[],
    offset: number,
  ): StageResult<OverlaidCandidate>;
}
