import type { FieldDefinitions } from '../config/schema.ts';

/** A CEL expression, parsed and type-checked against the catalogue. `ast` is the library's, for planners in this folder. */
export interface Expression {
  readonly source: string;
  readonly ast: unknown;
  /** Whether it reads `item`: one that does not is the same for every item of a request. */
  readonly readsItem: boolean;
  /** @throws whatever the evaluation runs into: a missing value, a division by zero */
  evaluate(scope: ExpressionScope): unknown;
}

export interface ExpressionScope {
  readonly item?: Readonly<Record<string, unknown>>;
  readonly user: Readonly<Record<string, unknown>>;
  readonly request: Readonly<Record<string, unknown>>;
  readonly now: Date;
}

/** What expressions may name. */
export interface ExpressionEnvironment {
  readonly fields: FieldDefinitions;
  readonly userFields: FieldDefinitions;
}
