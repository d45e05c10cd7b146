import { overlaid } from '../../src/domain/candidates.ts';
import type { OverlaidCandidate, RankedCandidate, RuleEffect } from '../../src/domain/pipeline.ts';
import type { Bindings } from '../../src/filters/bindings.ts';
import type { ActiveRule } from './active.ts';
import type { Rule } from './parseRules.ts';

const DAY = 86_400_000;
const LARGEST = Number.MAX_VALUE;
const NONE: RuleEffect[] = [];

/** Applies the rules that move scores, in their order, each to what the one before left. */
export function moveScores(candidate: RankedCandidate, rules: readonly ActiveRule[], bindings: Bindings): OverlaidCandidate {
  // What is no number is no reason to be shown: it sinks.
  let score = Number.isNaN(candidate.relevance) ? -LARGEST : candidate.relevance;
  let effects: RuleEffect[] = NONE;
  for (const rule of rules) {
    if (!movesScores(rule) || !rule.concerns(candidate)) continue;
    const moved = move(rule, score, candidate, bindings);
    if (moved === undefined) continue;
    effects = [...effects, { rule: rule.id, effect: moved.effect, before: score, after: moved.score }];
    score = moved.score;
  }
  return overlaid(candidate, score, effects);
}

const movesScores = ({ action: { kind } }: Rule): boolean => kind === 'multiply' || kind === 'add' || kind === 'fresh';

function move(
  { action }: Rule,
  score: number,
  { item }: RankedCandidate,
  { now }: Bindings,
): { readonly score: number; readonly effect: string } | undefined {
  switch (action.kind) {
    case 'multiply':
      return { score: bounded(scaled(score, action.factor)), effect: `multiply ${action.factor}` };
    case 'add':
      return { score: bounded(score + action.amount), effect: `add ${action.amount}` };
    case 'fresh': {
      const date = Object.hasOwn(item.fields, action.field) ? item.fields[action.field] : undefined;
      if (typeof date !== 'number' || Number.isNaN(date)) return undefined;
      const days = Math.max(0, now - date) / DAY;
      const gain = action.weight * 0.5 ** (days / action.halfLifeDays);
      return { score: bounded(score + gain), effect: `boostFresh ${action.field}: ${Math.round(days)} days old` };
    }
    default:
      return undefined;
  }
}

/** A factor below 1 lowers and one above raises, also where a score is negative. */
const scaled = (score: number, factor: number): number =>
  score >= 0 ? score * factor : factor === 0 ? -LARGEST : score / factor;

const bounded = (score: number): number => Math.max(-LARGEST, Math.min(LARGEST, score));
