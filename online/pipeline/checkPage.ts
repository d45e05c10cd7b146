import type { OverlaidCandidate, Removal, StageResult } from '../../src/domain/pipeline.ts';
import type { ItemFilter } from '../../src/filters/itemFilter.ts';
import { checkPolicies } from './policyCheck.ts';

/** Takes items in order until the page is full, each one checked item by item: what is not checked is not answered. */
export function checkPage(filter: ItemFilter, list: readonly OverlaidCandidate[], limit: number): StageResult<OverlaidCandidate> {
  const kept: OverlaidCandidate[] = [];
  const removed: Removal[] = [];
  let next = 0;
  while (kept.length < limit && next < list.length) {
    const chunk = list.slice(next, next + limit - kept.length);
    next += chunk.length;
    const checked = checkPolicies(filter, chunk);
    kept.push(...checked.kept);
    removed.push(...checked.removed);
  }
  return { kept, removed };
}
