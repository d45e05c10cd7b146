import type { ASTNode } from '@marcbachmann/cel-js';
import type { Fields } from '../../domain/item.ts';
import type { Bindings } from '../bindings.ts';
import { Bitset, difference, intersection, union } from '../bitset.ts';
import type { Expression } from '../expression.ts';
import { children } from '../parse.ts';
import { COMPREHENSIONS } from '../safety.ts';
import type { Range } from './numberColumn.ts';
import { among, both, chosen, either, exactly, negated, type Outcome, unknown } from './outcome.ts';
import type { FieldIndex, FieldTable } from './table.ts';

/** The most different values of a field for which a condition on it is evaluated value by value. */
const MOST_VALUES = 2_000;

interface Scene {
  readonly table: FieldTable;
  readonly expression: Expression;
  readonly bindings: Bindings;
}

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

function planLeaf(node: ASTNode, scene: Scene): Outcome | undefined {
  switch (node.op) {
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const outcome = planComparison(node.op, node.args[0], node.args[1], scene);
      return outcome && node.op === '!=' ? negated(outcome) : outcome;
    }
    case 'in':
      return planMembership(node.args[0], node.args[1], scene);
    case '.':
      return planBoolean(node, scene);
    case 'call':
      return node.args[0] === 'has' ? planHas(node.args[1][0], scene) : undefined;
    case 'rcall':
      return node.args[0] === 'exists' || node.args[0] === 'all' ? planQuantifier(node, scene) : undefined;
    default:
      return undefined;
  }
}

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
const MIRRORED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' } as const;

/** `!=` comes out as `==`: the caller turns it round. */
function planComparison(op: Comparison, left: ASTNode, right: ASTNode, scene: Scene): Outcome | undefined {
  const name = itemField(left);
  if (name === undefined) return itemField(right) === undefined ? undefined : planComparison(MIRRORED[op], right, left, scene);
  if (fieldsRead(right).size > 0) return undefined;
  const value = constant(right, scene);
  if (value === undefined) return exactly(new Bitset(0), new Bitset(0));
  const yes = new Bitset(scene.table.catalogue.rows);
  if (name === 'id') {
    if ((op !== '==' && op !== '!=') || typeof value !== 'string') return undefined;
    addId(value, scene, yes);
    return among(scene.table.alive, yes);
  }
  const index = scene.table.field(name);
  if (!index) return undefined;
  if (index.numbers) {
    const number = comparable(value, index);
    if (number === undefined) return undefined;
    index.numbers.fill(rangeOf(op, number), yes);
    return among(index.present, yes);
  }
  if (op !== '==' && op !== '!=') return undefined;
  if (!index.values || index.definition.type === 'categories' || typeof value !== valueType(index)) return undefined;
  index.values.fill(String(value), yes);
  return among(index.present, yes);
}

/** The number a comparison looks for, if the value is of the field's type. */
function comparable(value: unknown, index: FieldIndex): number | undefined {
  if (index.definition.type === 'date')
    return value instanceof Date && !Number.isNaN(value.getTime()) ? value.getTime() : undefined;
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && !Number.isNaN(number) ? number : undefined;
}

const valueType = (index: FieldIndex): string => (index.definition.type === 'boolean' ? 'boolean' : 'string');

function rangeOf(op: Comparison, value: number): Range {
  switch (op) {
    case '<':
      return { to: value, toInclusive: false };
    case '<=':
      return { to: value };
    case '>':
      return { from: value, fromInclusive: false };
    case '>=':
      return { from: value };
    default:
      return { from: value, to: value };
  }
}

function planMembership(element: ASTNode, list: ASTNode, scene: Scene): Outcome | undefined {
  const { table } = scene;
  const listed = itemField(list);
  if (listed !== undefined) {
    const index = table.field(listed);
    if (index?.definition.type !== 'categories' || fieldsRead(element).size > 0) return undefined;
    const value = constant(element, scene);
    if (value === undefined) return exactly(new Bitset(0), new Bitset(0));
    if (typeof value !== 'string') return undefined;
    const yes = new Bitset(table.catalogue.rows);
    index.values?.fill(value, yes);
    return among(index.present, yes);
  }
  const name = itemField(element);
  if (name === undefined || fieldsRead(list).size > 0) return undefined;
  const values = constant(list, scene);
  if (values === undefined) return exactly(new Bitset(0), new Bitset(0));
  if (!Array.isArray(values)) return undefined;
  const yes = new Bitset(table.catalogue.rows);
  if (name === 'id') {
    for (const id of values) if (typeof id === 'string') addId(id, scene, yes);
    return among(table.alive, yes);
  }
  const index = table.field(name);
  if (!index || index.definition.type === 'categories') return undefined;
  for (const value of values) {
    if (index.numbers) {
      const number = comparable(value, index);
      if (number === undefined) return undefined;
      index.numbers.fill({ from: number, to: number }, yes);
    } else if (index.values && typeof value === valueType(index)) index.values.fill(String(value), yes);
    else return undefined;
  }
  return index.values || index.numbers ? among(index.present, yes) : undefined;
}

function planBoolean(node: ASTNode, { table }: Scene): Outcome | undefined {
  const index = table.field(itemField(node) ?? '');
  if (index?.definition.type !== 'boolean') return undefined;
  const yes = new Bitset(table.catalogue.rows);
  index.values?.fill('true', yes);
  return among(index.present, yes);
}

function planHas(node: ASTNode | undefined, { table }: Scene): Outcome | undefined {
  const name = node && itemField(node);
  if (name === undefined) return undefined;
  if (name === 'id') return exactly(table.alive, new Bitset(0));
  const index = table.field(name);
  return index && exactly(index.present, index.absent);
}

/** `exists` and `all` over a list field, when the condition reads nothing else of the item: value by value. */
function planQuantifier(node: ASTNode, scene: Scene): Outcome | undefined {
  if (node.op !== 'rcall') return undefined;
  const [quantifier, list] = node.args;
  const name = itemField(list);
  const index = name === undefined ? undefined : scene.table.field(name);
  if (name === undefined || index?.definition.type !== 'categories' || !index.values) return undefined;
  if (index.values.distinct > MOST_VALUES || fieldsRead(node).size > 1) return undefined;
  const { rows } = scene.table.catalogue;
  const sets = { true: new Bitset(rows), false: new Bitset(rows), error: new Bitset(rows) };
  for (const value of index.values.values()) index.values.fill(value, sets[verdict(node, { [name]: [value] }, scene)]);
  return quantifier === 'exists'
    ? among(index.present, sets.true, sets.error.andNot(sets.true))
    : negated(among(index.present, sets.false, sets.error.andNot(sets.false)));
}

/** A condition that reads one field only comes to the same wherever the field has the same value. */
function planByValue(node: ASTNode, scene: Scene): Outcome | undefined {
  const [name, ...others] = fieldsRead(node);
  if (name === undefined || others.length > 0) return undefined;
  const index = scene.table.field(name);
  if (!index || index.definition.type === 'categories') return undefined;
  const { rows } = scene.table.catalogue;
  const sets = { true: new Bitset(rows), false: new Bitset(rows), error: new Bitset(rows) };
  if (index.values) {
    if (index.values.distinct > MOST_VALUES) return undefined;
    for (const value of index.values.values()) {
      const field = index.definition.type === 'boolean' ? value === 'true' : value;
      index.values.fill(value, sets[verdict(node, { [name]: field }, scene)]);
    }
  } else if (index.numbers) {
    const values = index.numbers.distinct(MOST_VALUES);
    if (!values) return undefined;
    for (const value of values) index.numbers.fill({ from: value, to: value }, sets[verdict(node, { [name]: value }, scene)]);
    const rest = index.present.clone().andNot(sets.true).andNot(sets.false).andNot(sets.error);
    sets[verdict(node, { [name]: Number.NaN }, scene)].or(rest);
  } else return undefined;
  sets[verdict(node, {}, scene)].or(index.absent);
  const mistyped = difference(scene.table.alive, index.present).andNot(index.absent);
  const exact = exactly(sets.true, sets.false);
  return mistyped.count() === 0
    ? exact
    : { ...exact, maybeYes: union(sets.true, mistyped), maybeNo: union(sets.false, mistyped) };
}

function verdict(node: ASTNode, fields: Fields, { expression, bindings }: Scene): 'true' | 'false' | 'error' {
  const value = attempt(() => expression.evaluatePart(node, { ...bindings, item: { id: '', fields } }));
  return typeof value === 'boolean' ? (value ? 'true' : 'false') : 'error';
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

const reads = new WeakMap<ASTNode, ReadonlySet<string>>();

/** Fields of the item that a part reads. */
function fieldsRead(node: ASTNode): ReadonlySet<string> {
  let names = reads.get(node);
  if (!names) {
    const name = itemField(node);
    names = name === undefined ? new Set(children(node).flatMap((child) => [...fieldsRead(child)])) : new Set([name]);
    reads.set(node, names);
  }
  return names;
}

const itemField = (node: ASTNode): string | undefined =>
  node.op === '.' && node.args[0].op === 'id' && node.args[0].args === 'item' ? node.args[1] : undefined;

const constant = (node: ASTNode, { expression, bindings }: Scene): unknown =>
  attempt(() => expression.evaluatePart(node, bindings));

function addId(id: string, { table }: Scene, into: Bitset): void {
  const row = table.catalogue.ordinal(id);
  if (row !== undefined) into.add(row);
}

/** An error of the expression is an outcome like another here. */
function attempt(evaluate: () => unknown): unknown {
  try {
    return evaluate();
  } catch {
    return undefined;
  }
}
