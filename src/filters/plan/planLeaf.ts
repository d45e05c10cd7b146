import type { ASTNode } from '@marcbachmann/cel-js';
import { Bitset } from '../bitset.ts';
import type { Range } from './numberColumn.ts';
import { among, exactly, negated, type Outcome } from './outcome.ts';
import { planQuantifier } from './planByValue.ts';
import { addId, constant, fieldsRead, itemField, type Scene } from './scene.ts';
import type { FieldIndex } from './table.ts';

/** A comparison, membership, `has`, quantifier or boolean field, where the columns can tell. */
export function planLeaf(node: ASTNode, scene: Scene): Outcome | undefined {
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
