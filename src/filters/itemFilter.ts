import type { ItemId } from '../domain/item.ts';
import type { Bindings } from './bindings.ts';
import type { Expression } from './expression.ts';

/** A condition that keeps an item when the expression is exactly true; false or an error removes it. */
export interface KeepConstraint {
  readonly kind: 'keep';
  readonly id: string;
  readonly expression: Expression;
}

/** A policy: where `when` is not exactly false, an item stays only if `deny` is exactly false. Fails closed. */
export interface PolicyConstraint {
  readonly kind: 'policy';
  readonly id: string;
  readonly when?: Expression;
  readonly deny: Expression;
}

export type Constraint = KeepConstraint | PolicyConstraint;

/** All that an item must pass to be a candidate of one request. */
export interface ItemFilter {
  readonly constraints: readonly Constraint[];
  readonly bindings: Bindings;
  /** Items that are out whatever the constraints say, such as those already seen. */
  readonly excluded: ReadonlySet<ItemId>;
}

export type { Bindings };
