import type { ASTNode } from '@marcbachmann/cel-js';
import type { Fields } from '../../domain/item.ts';
import { Bitset, difference, union } from '../bitset.ts';
import { among, exactly, negated, type Outcome } from './outcome.ts';
import { attempt, fieldsRead, itemField, type Scene } from './scene.ts';

/** The most different values of a field for which a condition on it is evaluated value by value. */
const MOST_VALUES = 2_000;

/** `exists` and `all` over a list field, when the condition reads nothing else of the item: value by value. */
export function planQuantifier(node: ASTNode, scene: Scene): Outcome | undefined {
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
export function planByValue(node: ASTNode, scene: Scene): Outcome | undefined {
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
