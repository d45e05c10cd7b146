import { Environment } from '@marcbachmann/cel-js';
import type { FieldDefinition, FieldDefinitions } from '../config/schema.ts';
import type { ExpressionEnvironment } from './expression.ts';
import { FieldView, RequestView } from './views.ts';

/** A CEL environment for one catalogue, and the views through which its expressions read. */
export interface CelEnvironment {
  readonly cel: Environment;
  readonly item: FieldView;
  readonly user: FieldView;
  readonly request: RequestView;
}

const TIMESTAMP = 'google.protobuf.Timestamp';

/** Bounds of an expression. A list of a thousand ids fits; the bound on cost is in `safety.ts`. */
export const LIMITS = { sourceLength: 16_384, astNodes: 3_000, depth: 50, listElements: 1_000 } as const;

function celType(definition: FieldDefinition): string {
  switch (definition.type) {
    case 'text':
    case 'category':
      return 'string';
    case 'categories':
      return 'list<string>';
    case 'number':
      return 'double';
    case 'boolean':
      return 'bool';
    case 'date':
      return TIMESTAMP;
  }
}

const celFields = (definitions: FieldDefinitions): Record<string, string> => ({
  id: 'string',
  ...Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, celType(definition)])),
});

function createEnvironment({ fields, userFields }: ExpressionEnvironment): CelEnvironment {
  class ItemView extends FieldView {}
  class UserView extends FieldView {}
  const cel = new Environment({
    homogeneousAggregateLiterals: true,
    limits: {
      maxAstNodes: LIMITS.astNodes,
      maxDepth: LIMITS.depth,
      maxListElements: LIMITS.listElements,
      maxMapEntries: 0,
      maxCallArguments: 4,
    },
  });
  cel.registerType('Item', { ctor: ItemView, fields: celFields(fields) });
  cel.registerType('User', { ctor: UserView, fields: celFields(userFields) });
  cel.registerType('Request', { ctor: RequestView, fields: { route: 'string', scenario: 'string', context: 'map' } });
  cel.registerVariable('item', 'Item');
  cel.registerVariable('user', 'User');
  cel.registerVariable('request', 'Request');
  cel.registerVariable('now', TIMESTAMP);
  registerNumbers(cel);
  return { cel, item: new ItemView(fields), user: new UserView(userFields), request: new RequestView() };
}

/**
 * All number literals are doubles here (see `parse.ts`), as number fields are. CEL's integers are left to what counts, such
 * as `size()` and `getFullYear()`; these overloads let the two meet.
 */
function registerNumbers(cel: Environment): void {
  cel.registerOperator('double == int', (a: number, b: bigint) => a === Number(b));
  cel.registerOperator('double % double', (a: number, b: number) => a % nonZero(b));
  const arithmetic: Record<string, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / nonZero(b),
    '%': (a, b) => a % nonZero(b),
  };
  for (const [operator, apply] of Object.entries(arithmetic)) {
    cel.registerOperator(`double ${operator} int: double`, (a: number, b: bigint) => apply(a, Number(b)));
    cel.registerOperator(`int ${operator} double: double`, (a: bigint, b: number) => apply(Number(a), b));
  }
  // The library's own division of doubles gives infinity: `parse.ts` puts this around its divisors.
  cel.registerFunction(`${NON_ZERO}(double): double`, nonZero);
  cel.registerFunction(`${NON_ZERO}(int): int`, (value: bigint) => value);
}

/** Known to expressions as they are run, not as they are written. */
export const NON_ZERO = 'nonZero';

/** Division by zero has no value, whatever kind of number it is, so that a policy that divides fails closed. */
function nonZero(divisor: number): number {
  if (divisor === 0) throw new Error('division by zero');
  return divisor;
}

const environments = new WeakMap<FieldDefinitions, WeakMap<FieldDefinitions, CelEnvironment>>();

/** The environment of a pair of field definitions; making one is slow, so each is made once. */
export function environmentOf(environment: ExpressionEnvironment): CelEnvironment {
  let byUserFields = environments.get(environment.fields);
  if (!byUserFields) {
    byUserFields = new WeakMap();
    environments.set(environment.fields, byUserFields);
  }
  let made = byUserFields.get(environment.userFields);
  if (!made) {
    made = createEnvironment(environment);
    byUserFields.set(environment.userFields, made);
  }
  return made;
}
