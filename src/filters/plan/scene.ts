import type { ASTNode } from '@marcbachmann/cel-js';
import type { Bindings } from '../bindings.ts';
import type { Bitset } from '../bitset.ts';
import type { Expression } from '../expression.ts';
import { children } from '../parse.ts';
import type { FieldTable } from './table.ts';

/** What a part of an expression is planned with. */
export interface Scene {
  readonly table: FieldTable;
  readonly expression: Expression;
  readonly bindings: Bindings;
}

const reads = new WeakMap<ASTNode, ReadonlySet<string>>();

/** Fields of the item that a part reads. */
export function fieldsRead(node: ASTNode): ReadonlySet<string> {
  let names = reads.get(node);
  if (!names) {
    const name = itemField(node);
    names = name === undefined ? new Set(children(node).flatMap((child) => [...fieldsRead(child)])) : new Set([name]);
    reads.set(node, names);
  }
  return names;
}

/** The field of the item that a part is, if it is one. */
export const itemField = (node: ASTNode): string | undefined =>
  node.op === '.' && node.args[0].op === 'id' && node.args[0].args === 'item' ? node.args[1] : undefined;

/** The value of a part that reads no item; `undefined` where it has none. */
export const constant = (node: ASTNode, { expression, bindings }: Scene): unknown =>
  attempt(() => expression.evaluatePart(node, bindings));

export function addId(id: string, { table }: Scene, into: Bitset): void {
  const row = table.catalogue.ordinal(id);
  if (row !== undefined) into.add(row);
}

/** An error of the expression is an outcome like another here. */
export function attempt(evaluate: () => unknown): unknown {
  try {
    return evaluate();
  } catch {
    return undefined;
  }
}
