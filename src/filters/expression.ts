import type { ASTNode } from '@marcbachmann/cel-js';
import type { FieldDefinitions } from '../config/schema.ts';
import type { Item } from '../domain/item.ts';
import type { Bindings } from './bindings.ts';

/** A CEL expression, parsed and type-checked against the catalogue. `ast` is the library's, for planners in this folder. */
export interface Expression {
  readonly source: string;
  readonly ast: ASTNode;
  /** Whether it reads `item`: one that does not is the same for every item of a request. */
  readonly readsItem: boolean;
  /** What it reads, such as `item.year`, `user.age`, `request.context` and `now`. */
  readonly reads: ReadonlySet<string>;
  /** @throws whatever the evaluation runs into: a missing value, a value of another type than the field's */
  evaluate(scope: ExpressionScope): unknown;
  /** Evaluates a part of the expression on its own: a node of `ast` that names no loop variable from around it. */
  evaluatePart(node: ASTNode, scope: ExpressionScope): unknown;
}

export interface ExpressionScope extends Bindings {
  readonly item?: Item;
}

/** What expressions may name. */
export interface ExpressionEnvironment {
  readonly fields: FieldDefinitions;
  readonly userFields: FieldDefinitions;
}
