import type { EligibleCandidate, Removal, StageResult } from '../../src/domain/pipeline.ts';
import { checkItem } from '../../src/filters/check.ts';
import type { ItemFilter } from '../../src/filters/itemFilter.ts';

/**
 * The last step before any answer: every item is checked by plain evaluation against every policy, the request's filter and
 * what it leaves out, whatever source, pin, cache or fallback brought it. What was planned or checked before does not count.
 * It looks at the very fields that the answer shows.
 */
export function checkPolicies<T extends EligibleCandidate>(filter: ItemFilter, list: readonly T[]): StageResult<T> {
  const kept: T[] = [];
  const removed: Removal[] = [];
  for (const candidate of list) {
    const verdict = checkItem(filter, candidate.item);
    if (verdict.kept) kept.push(candidate);
    else removed.push({ id: candidate.id, stage: 'policy', reason: verdict.reason, detail: verdict.detail });
  }
  return { kept, removed };
}
