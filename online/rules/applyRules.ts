import type { OverlaidCandidate, RankedCandidate, Removal, RuleEffect, StageResult } from '../../src/domain/pipeline.ts';
import type { Bindings } from '../../src/filters/bindings.ts';
import { type ActiveRule, activeRules, type LookUp } from './active.ts';
import { diversify } from './diversify.ts';
import type { RuleSet } from './parseRules.ts';
import { moveScores } from './scores.ts';
import { fillWindows } from './windows.ts';

export interface RulesContext {
  readonly bindings: Bindings;
  /** Size of a page: caps and quotas hold on each. */
  readonly limit: number;
  /** Items on the pages before this one. */
  readonly offset?: number;
  /** Vectors in the embedding space, for `diversify: vectors`; without them that rule does nothing. */
  readonly vectorOf?: (candidate: OverlaidCandidate) => Float32Array | undefined;
  /** Fewest new items on a page, as far as there are any; default 0. */
  readonly newItems?: number;
  /** Where conditions hold, as far as that is known by row; the others are evaluated for each candidate. */
  readonly lookUp?: LookUp;
}

/**
 * The overlays. Pure and total: the same input gives the same list, and every rule's effect on an item is recorded with it.
 * The order, which settles every conflict, is that of docs/rules.md: hide; multiply, add and boostFresh by priority; order by
 * score; bury; diversify; pins take their slots; caps and quotas fill each page around them, exploration as the last quota.
 * @param ranked in the order of relevance
 */
export function applyRules(
  ruleSet: RuleSet,
  ranked: readonly RankedCandidate[],
  context: RulesContext,
): StageResult<OverlaidCandidate> {
  const { bindings, limit, offset = 0 } = context;
  const rules = activeRules(ruleSet, bindings, context.lookUp);
  const { shown, removed } = hide(ranked, rules);
  const scored = shown.map((candidate) => moveScores(candidate, rules, bindings)).sort((a, b) => b.score - a.score);
  let order = bury(scored, rules);
  for (const rule of rules)
    if (rule.action.kind === 'diversify') {
      const before = placesOf(order);
      order = diversify(order, rule, limit * 2, context.vectorOf).map((candidate, place) =>
        noteMove(candidate, rule, `diversify ${by(rule)}`, before, place, limit),
      );
    }
  const { pinned, flow } = pin(order, rules, offset);
  const windowed = fillWindows(flow, pinned, [...rules, ...exploration(context)], Math.max(1, limit));
  return { kept: windowed.list, removed: [...removed, ...windowed.removed] };
}

/** As a quota: the best of the new items keep their places on each page, where the ranker would leave them behind what is known. */
function exploration({ newItems: min = 0 }: RulesContext): readonly ActiveRule[] {
  const action = { kind: 'quota', source: 'new', min, max: Number.POSITIVE_INFINITY } as const;
  const always = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY, concerns: () => true };
  return min > 0 ? [{ id: 'exploration', action, ...always }] : [];
}

function hide(
  ranked: readonly RankedCandidate[],
  rules: readonly ActiveRule[],
): { shown: RankedCandidate[]; removed: Removal[] } {
  const hiding = rules.filter(({ action }) => action.kind === 'hide');
  const shown: RankedCandidate[] = [];
  const removed: Removal[] = [];
  for (const candidate of ranked) {
    const rule = hiding.find((one) => one.concerns(candidate));
    if (rule) removed.push({ id: candidate.id, stage: 'rules', reason: rule.id, detail: 'hidden by this rule' });
    else shown.push(candidate);
  }
  return { shown, removed };
}

/** To the end, in their order among each other; the score stays, so the effect tells places. */
function bury(scored: readonly OverlaidCandidate[], rules: readonly ActiveRule[]): OverlaidCandidate[] {
  const burying = rules.filter(({ action }) => action.kind === 'bury');
  if (burying.length === 0) return [...scored];
  const ruleFor = (candidate: OverlaidCandidate): ActiveRule | undefined => burying.find((rule) => rule.concerns(candidate));
  const before = placesOf(scored);
  const up: OverlaidCandidate[] = [];
  const down: { candidate: OverlaidCandidate; rule: ActiveRule }[] = [];
  for (const candidate of scored) {
    const rule = ruleFor(candidate);
    if (rule) down.push({ candidate, rule });
    else up.push(candidate);
  }
  const buried = down.map(({ candidate, rule }, i) =>
    withEffect(candidate, {
      rule: rule.id,
      effect: 'bury',
      before: (before.get(candidate.id) ?? 0) + 1,
      after: up.length + i + 1,
    }),
  );
  return [...up, ...buried];
}

/** The best item that a pin is about takes its slot, or, where that is taken, the next that is free. */
function pin(
  order: readonly OverlaidCandidate[],
  rules: readonly ActiveRule[],
  offset: number,
): { pinned: Map<number, OverlaidCandidate>; flow: readonly OverlaidCandidate[] } {
  const pinned = new Map<number, OverlaidCandidate>();
  const taken = new Set<OverlaidCandidate>();
  const slots = new Set<number>();
  for (const rule of rules) {
    if (rule.action.kind !== 'pin') continue;
    let { slot } = rule.action;
    while (slots.has(slot)) slot++;
    slots.add(slot);
    // Slots of earlier pages are spent: what was pinned there has been shown, or is not to be shown elsewhere instead.
    if (slot <= offset) continue;
    const place = order.findIndex((candidate) => !taken.has(candidate) && rule.concerns(candidate));
    const candidate = order[place];
    if (!candidate) {
      slots.delete(slot);
      continue;
    }
    taken.add(candidate);
    const effect = { rule: rule.id, effect: `pin ${rule.action.slot}`, before: offset + place + 1, after: slot };
    pinned.set(slot - 1 - offset, { ...withEffect(candidate, effect), pinnedAt: slot });
  }
  return { pinned, flow: taken.size === 0 ? order : order.filter((candidate) => !taken.has(candidate)) };
}

const withEffect = (candidate: OverlaidCandidate, effect: RuleEffect): OverlaidCandidate => ({
  ...candidate,
  effects: [...candidate.effects, effect],
});

const placesOf = (list: readonly OverlaidCandidate[]): ReadonlyMap<string, number> =>
  new Map(list.map(({ id }, place) => [id, place]));

/** Moves near the top are told; further down nobody sees them. */
function noteMove(
  candidate: OverlaidCandidate,
  rule: ActiveRule,
  effect: string,
  before: ReadonlyMap<string, number>,
  place: number,
  limit: number,
): OverlaidCandidate {
  const was = before.get(candidate.id) ?? place;
  if (was === place || Math.min(was, place) >= limit) return candidate;
  return withEffect(candidate, { rule: rule.id, effect, before: was + 1, after: place + 1 });
}

const by = ({ action }: ActiveRule): string => (action.kind === 'diversify' ? action.by : '');
