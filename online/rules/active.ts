import type { ASTNode } from '@marcbachmann/cel-js';
import type { Item, ItemId } from '../../src/domain/item.ts';
import type { EligibleCandidate } from '../../src/domain/pipeline.ts';
import type { Bindings } from '../../src/filters/bindings.ts';
import type { Expression } from '../../src/filters/expression.ts';
import type { Rule, RuleSet } from './parseRules.ts';

/** A rule in force for a request. */
export interface ActiveRule extends Rule {
  /** Whether it is about an item: its condition is exactly true. */
  readonly concerns: (candidate: EligibleCandidate) => boolean;
}

/** Looks up, by row of the catalogue, where a condition holds; `undefined` for one that has to be evaluated. */
export type LookUp = (where: Expression) => ((ordinal: number) => boolean) | undefined;

/** Rules in force for a request, in the order in which they act. One whose audience cannot be evaluated is not. */
export const activeRules = ({ rules }: RuleSet, bindings: Bindings, lookUp: LookUp = () => undefined): readonly ActiveRule[] =>
  rules
    .filter(
      (rule) =>
        rule.from <= bindings.now &&
        bindings.now < rule.until &&
        (rule.scenarios === undefined || rule.scenarios.has(bindings.request.scenario)) &&
        (rule.audience === undefined || holds(rule.audience, bindings)),
    )
    .map((rule) => ({ ...rule, concerns: concernsOf(rule.where, bindings, lookUp) }));

function concernsOf(where: Expression | undefined, bindings: Bindings, lookUp: LookUp): ActiveRule['concerns'] {
  if (where === undefined) return () => true;
  const known = lookUp(where);
  return known === undefined ? ({ item }) => holds(where, bindings, item) : ({ ordinal }) => known(ordinal);
}

function holds(expression: Expression, bindings: Bindings, item?: Item): boolean {
  try {
    return expression.evaluate(item ? { ...bindings, item } : bindings) === true;
  } catch {
    // A rule is no policy: where it cannot tell, it does nothing.
    return false;
  }
}

/**
 * Items that pins name by id, so that they can be fetched when no source proposed them. A pin by other conditions takes from
 * what was retrieved.
 */
export function pinnedIds(ruleSet: RuleSet, context: { readonly bindings: Bindings }): readonly ItemId[] {
  const { bindings } = context;
  const ids = new Set<ItemId>();
  for (const { action, where } of activeRules(ruleSet, bindings))
    if (action.kind === 'pin' && where) for (const id of namedIds(where.ast, where, bindings)) ids.add(id);
  return [...ids];
}

/** Ids that `item.id` is compared with; whether the whole condition holds is seen when the rule is applied. */
function namedIds(node: ASTNode, expression: Expression, bindings: Bindings): readonly ItemId[] {
  const read = (part: ASTNode): unknown => {
    try {
      return expression.evaluatePart(part, bindings);
    } catch {
      return undefined;
    }
  };
  switch (node.op) {
    case '&&':
    case '||':
      return node.args.flatMap((part) => namedIds(part, expression, bindings));
    case '==': {
      const [left, right] = node.args;
      const value = isItemId(left) ? read(right) : isItemId(right) ? read(left) : undefined;
      return typeof value === 'string' ? [value] : [];
    }
    case 'in': {
      const values = isItemId(node.args[0]) ? read(node.args[1]) : undefined;
      return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
    }
    default:
      return [];
  }
}

const isItemId = (node: ASTNode): boolean =>
  node.op === '.' && node.args[1] === 'id' && node.args[0].op === 'id' && node.args[0].args === 'item';
