import { type ASTNode, serialize } from '@marcbachmann/cel-js';
import type { Expression, ExpressionEnvironment } from '../../src/filters/expression.ts';
import type { Constraint, ItemFilter } from '../../src/filters/itemFilter.ts';
import { parseExpression } from '../../src/filters/parse.ts';

/** Parts of a condition that must all hold: what `&&` joins at its top. */
function conjuncts(node: ASTNode): ASTNode[] {
  return node.op === '&&' ? [...conjuncts(node.args[0]), ...conjuncts(node.args[1])] : [node];
}

/** The filter without those of its conditions that are about one field of the item and nothing else. Policies stay whole. */
export function withoutField(filter: ItemFilter, field: string, environment: ExpressionEnvironment): ItemFilter {
  const name = `item.${field}`;
  if (!filter.constraints.some((constraint) => constraint.kind === 'keep' && constraint.expression.reads.has(name)))
    return filter;
  return { ...filter, constraints: filter.constraints.flatMap((constraint) => parts(constraint, name, environment)) };
}

function parts(constraint: Constraint, name: string, environment: ExpressionEnvironment): Constraint[] {
  if (constraint.kind !== 'keep' || !constraint.expression.reads.has(name)) return [constraint];
  return conjuncts(constraint.expression.ast)
    .map((node) => parseExpression(serialize(node), environment))
    .filter((expression) => !isOnlyAbout(expression, name))
    .map((expression) => ({ ...constraint, expression }));
}

const isOnlyAbout = (expression: Expression, name: string): boolean =>
  expression.reads.has(name) && [...expression.reads].every((read) => read === name || !read.startsWith('item.'));
