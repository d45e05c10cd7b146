import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import { eligible } from '../../src/domain/candidates.ts';
import type { ItemId } from '../../src/domain/item.ts';
import type { Candidate, EligibleCandidate, Query, Removal, StageResult } from '../../src/domain/pipeline.ts';
import { seenOf } from '../../src/features/index.ts';
import { bindingsOf } from '../../src/filters/bindings.ts';
import { checkItem } from '../../src/filters/check.ts';
import type { Constraint, ItemFilter } from '../../src/filters/itemFilter.ts';

/** All that an item of this request's list must pass: every policy, the request's own filter, and what is left out by id. */
export function filterOf(query: Query, constraints: readonly Constraint[]): ItemFilter {
  const out = new Set<ItemId>();
  if (query.anchor !== undefined) out.add(query.anchor);
  if (query.excludeSeen) {
    for (const id of seenOf(query.userState)) out.add(id);
    for (const { itemId } of query.history) out.add(itemId);
  }
  return { constraints, bindings: bindingsOf(query), excluded: out };
}

/**
 * Checks every candidate, whatever source it came from, against the planned filter; reasons are found only for those that go.
 */
export function filterCandidates(
  artifact: LoadedArtifact,
  filter: ItemFilter,
  candidates: readonly Candidate[],
): StageResult<EligibleCandidate> {
  const plan = artifact.planner.plan(filter);
  const kept: EligibleCandidate[] = [];
  const removed: Removal[] = [];
  for (const candidate of candidates) {
    const item = artifact.catalogue.at(candidate.ordinal);
    if (item === undefined) removed.push({ id: candidate.id, stage: 'filter', reason: 'unknown-item' });
    else if (plan.has(candidate.ordinal)) kept.push(eligible(candidate, item));
    else {
      const verdict = checkItem(filter, item);
      const why = verdict.kept ? { reason: 'filter' } : { reason: verdict.reason, detail: verdict.detail };
      removed.push({ id: candidate.id, stage: 'filter', ...why });
    }
  }
  return { kept, removed };
}
