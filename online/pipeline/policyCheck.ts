import type { OverlaidCandidate, Removal, StageResult } from '../../src/domain/pipeline.ts';
import { checkItem } from '../../src/filters/check.ts';
import type { ItemFilter } from '../../src/filters/itemFilter.ts';

/**
 * The last step before an answer: every item is checked against policies and filter by plain evaluation, whatever brought it
 * (a source, a pin, a fallback) and whatever plan or cache let it through before.
 */
export function checkPolicies(filter: ItemFilter, list: readonly OverlaidCandidate[]): StageResult<OverlaidCandidate> {
  const kept: OverlaidCandidate[] = [];
  const removed: Removal[] = [];
  for (const candidate of list) {
    const verdict = checkItem(filter, candidate.item);
    if (verdict.kept) kept.push(candidate);
    else removed.push({ id: candidate.id, stage: 'policy', reason: verdict.reason, detail: verdict.detail });
  }
  return { kept, removed };
}
