import type { ASTNode } from '@marcbachmann/cel-js';
import type { Bindings } from '../bindings.ts';
import { Bitset, intersection } from '../bitset.ts';
import type { Expression } from '../expression.ts';
import { children } from '../parse.ts';
import { COMPREHENSIONS } from '../safety.ts';
import { both, chosen, either, exactly, negated, type Outcome, unknown } from './outcome.ts';
import { planByValue } from './planByValue.ts';
import { planLeaf } from './planLeaf.ts';
import { attempt, fieldsRead, type Scene } from './scene.ts';
import type { FieldTable } from './table.ts';

/** What a condition comes to on every row, by bitsets as far as it can be planned. */
export function planExpression(table: FieldTable, expression: Expression, bindings: Bindings): Outcome {
  return plan(expression.ast, { table, expression, bindings });
}

function plan(node: ASTNode, scene: Scene): Outcome {
  if (fieldsRead(node).size === 0) return planConstant(node, scene);
  switch (node.op) {
    case '&&':
      return both(plan(node.args[0], scene), plan(node.args[1], scene));
    case '||':
      return either(plan(node.args[0], scene), plan(node.args[1], scene));
    case '!_':
      return negated(plan(node.args, scene));
    case '?:':
      return chosen(plan(node.args[0], scene), plan(node.args[1], scene), plan(node.args[2], scene));
    default:
      return planLeaf(node, scene) ?? planByValue(node, scene) ?? planUnknown(node, scene);
  }
}

/** A part that reads no item is the same for all of them. */
function planConstant(node: ASTNode, { table, expression, bindings }: Scene): Outcome {
  const none = new Bitset(0);
  const value = attempt(() => expression.evaluatePart(node, bindings));
  if (value === true) return exactly(table.alive, none);
  return value === false ? exactly(none, table.alive) : exactly(none, none);
}

/** Left to be evaluated row by row, where every field it cannot do without is there. */
function planUnknown(node: ASTNode, { table }: Scene): Outcome {
  let rows = table.alive;
  if (isStrict(node))
    for (const name of fieldsRead(node)) {
      const index = table.field(name);
      if (index) rows = intersection(rows, index.present);
    }
  return unknown(rows);
}

/** Whether an error in any part is an error of the whole. */
function isStrict(node: ASTNode): boolean {
  if (node.op === '&&' || node.op === '||' || node.op === '?:') return false;
  if (node.op === 'call' && node.args[0] === 'has') return false;
  if (node.op === 'rcall' && COMPREHENSIONS.has(node.args[0])) return false;
  return children(node).every(isStrict);
}
