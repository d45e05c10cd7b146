import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { ItemId } from '../../src/domain/item.ts';
import type { OverlaidCandidate, Query, RankedCandidate, StageResult } from '../../src/domain/pipeline.ts';
import { bindingsOf } from '../../src/filters/bindings.ts';
import type { Constraint } from '../../src/filters/itemFilter.ts';
import { policyConstraints } from '../../src/filters/policies.ts';
import { pinnedIds } from '../rules/active.ts';
import { applyRules, type RulesContext } from '../rules/applyRules.ts';
import type { ParsedGovernance } from '../rules/governance.ts';
import { createLookUp } from './lookUp.ts';

/** Policies and rules as they stand for one run. */
export interface Governance {
  /** Every policy: an item that fails one is in no list. */
  readonly constraints: readonly Constraint[];
  /** Items that rules pin for this query, to be made candidates. */
  pinned(query: Query): readonly ItemId[];
  /** The overlays, in the order of the list that results. */
  apply(
    artifact: LoadedArtifact,
    query: Query,
    ranked: readonly RankedCandidate[],
    page: PageContext,
  ): StageResult<OverlaidCandidate>;
}

/** How many items earlier pages have shown, and the fewest new items on this one. */
type PageContext = Required<Pick<RulesContext, 'offset' | 'newItems'>>;

const made = new WeakMap<ParsedGovernance, Governance>();

/** What the rule book holds, as the stages use it. */
export function governanceOf(published: ParsedGovernance): Governance {
  const known = made.get(published);
  if (known !== undefined) return known;
  const { rules, policies } = published;
  const lookUp = createLookUp();
  const governance: Governance = {
    constraints: policyConstraints(policies),
    pinned: (query) => pinnedIds(rules, { bindings: bindingsOf(query) }),
    apply: ({ models, planner }, query, ranked, page) =>
      applyRules(rules, ranked, {
        ...page,
        bindings: bindingsOf(query),
        limit: query.limit,
        vectorOf: ({ ordinal }) => models.content.vector(ordinal),
        lookUp: lookUp(planner),
      }),
  };
  made.set(published, governance);
  return governance;
}
