import type { Item } from '../domain/item.ts';
import type { Expression } from './expression.ts';
import type { Bindings, Constraint, ItemFilter } from './itemFilter.ts';

/** `reason` is `seen` or the constraint's id; `detail` says what the expression came to. */
export type Verdict = { readonly kept: true } | { readonly kept: false; readonly reason: string; readonly detail: string };

const KEPT: Verdict = { kept: true };

/**
 * The plain meaning of a filter, item by item: what plans must agree with, what the last check before an answer uses, and
 * what explanations tell. The first constraint that is not met is the reason.
 */
export function checkItem(filter: ItemFilter, item: Item): Verdict {
  if (filter.excluded.has(item.id)) return { kept: false, reason: 'seen', detail: 'among the excluded items of this request' };
  for (const constraint of filter.constraints) {
    const detail = violation(constraint, filter.bindings, item);
    if (detail !== undefined) return { kept: false, reason: constraint.id, detail };
  }
  return KEPT;
}

/** Whether the constraint lets the item through. */
export const satisfies = (constraint: Constraint, bindings: Bindings, item: Item): boolean =>
  violation(constraint, bindings, item) === undefined;

/** Why the constraint removes the item, or `undefined` where it does not. */
function violation(constraint: Constraint, bindings: Bindings, item: Item): string | undefined {
  if (constraint.kind === 'keep') {
    const kept = attempt(constraint.expression, bindings, item);
    return kept.value === true ? undefined : `${constraint.expression.source}: ${kept.text}`;
  }
  if (constraint.when) {
    const when = attempt(constraint.when, bindings, item);
    if (when.value === false) return undefined;
    const denied = attempt(constraint.deny, bindings, item);
    return denied.value === false
      ? undefined
      : `when ${constraint.when.source}: ${when.text}; deny ${constraint.deny.source}: ${denied.text}`;
  }
  const denied = attempt(constraint.deny, bindings, item);
  return denied.value === false ? undefined : `deny ${constraint.deny.source}: ${denied.text}`;
}

function attempt(expression: Expression, bindings: Bindings, item: Item): { value: unknown; text: string } {
  try {
    const value = expression.evaluate({ ...bindings, item });
    return { value, text: typeof value === 'boolean' ? String(value) : 'not a boolean' };
  } catch (error) {
    const summary = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { value: undefined, text: `cannot be evaluated (${summary})` };
  }
}
