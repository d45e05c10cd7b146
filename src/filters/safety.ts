import type { ASTNode } from '@marcbachmann/cel-js';
import type { ExpressionEnvironment } from './expression.ts';

/** A place in an expression and what is wrong there. `offset` counts characters from 0. */
export class ExpressionFault extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const FUNCTIONS = new Set(['has', 'size', 'int', 'double', 'string', 'bool', 'timestamp', 'duration', 'dyn']);
const TIME_METHODS = ['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getHours'];
const METHODS = new Set([
  ...['contains', 'startsWith', 'endsWith', 'lowerAscii', 'upperAscii', 'trim', 'size'],
  ...TIME_METHODS,
  ...['getMinutes', 'getSeconds', 'getMilliseconds'],
]);
export const COMPREHENSIONS: ReadonlySet<string> = new Set(['exists', 'all', 'exists_one', 'filter', 'map']);

const ROOTS = new Set(['item', 'user', 'request', 'now']);

/** How long a list is taken to be when its length is not in the expression. */
const UNKNOWN_LENGTH = 64;
/** The most steps an evaluation may take, by that measure: some milliseconds. */
const MAX_COST = 20_000;

export interface Inspection {
  readonly reads: ReadonlySet<string>;
  /** Subtrees that depend on nothing and are more than a literal: each must evaluate. */
  readonly constants: readonly ASTNode[];
  /** Divisions and remainders; a `constant` divisor depends on nothing. */
  readonly divisions: readonly { readonly at: ASTNode; readonly divisor: ASTNode; readonly constant: boolean }[];
}

/**
 * Walks an expression that parsed: only known names and functions, no way to anything but item, user, request and now, and
 * no more work than `MAX_COST`. `matches` is refused because a regular expression may backtrack without end.
 * @throws ExpressionFault
 */
export function inspect(ast: ASTNode, environment: ExpressionEnvironment): Inspection {
  const reads = new Set<string>();
  const constants: ASTNode[] = [];
  const divisions: { at: ASTNode; divisor: ASTNode; constant: boolean }[] = [];
  const fault = (message: string, node: ASTNode): never => {
    throw new ExpressionFault(message, node.pos);
  };

  const field = (root: string, name: string, node: ASTNode): void => {
    const known =
      root === 'request'
        ? ['route', 'scenario', 'context']
        : ['id', ...Object.keys(root === 'item' ? environment.fields : environment.userFields)];
    if (!known.includes(name)) {
      const shown = known.length > 20 ? [...known.slice(0, 20), '…'] : known;
      fault(`unknown field "${root}.${name}"; ${root} has ${shown.join(', ')}`, node);
    }
    reads.add(`${root}.${name}`);
  };

  /** @returns whether it reads nothing, and how many steps it may take */
  const walk = (node: ASTNode, bound: readonly string[]): { constant: boolean; cost: number } => {
    switch (node.op) {
      case 'value':
        if (node.args instanceof Uint8Array || (typeof node.args === 'object' && node.args !== null))
          fault('bytes and unsigned numbers are not supported', node);
        return { constant: true, cost: 1 };
      case 'id':
        if (bound.includes(node.args)) return { constant: false, cost: 1 };
        if (node.args === 'now') reads.add('now');
        else if (ROOTS.has(node.args)) fault(`"${node.args}" is used by naming one of its fields`, node);
        else fault(`unknown name "${node.args}"; there are item, user, request and now`, node);
        return { constant: false, cost: 1 };
      case '.': {
        const [left, name] = node.args;
        if (left.op === 'id' && !bound.includes(left.args) && ROOTS.has(left.args) && left.args !== 'now') {
          field(left.args, name, node);
          return { constant: false, cost: 2 };
        }
        return step(node, [left], bound);
      }
      case 'list':
        return step(node, node.args, bound);
      case '!_':
      case '-_':
        return step(node, [node.args], bound);
      case '?:':
        return step(node, node.args, bound);
      case 'call': {
        const [name, args] = node.args;
        if (!FUNCTIONS.has(name)) fault(refusal(name, FUNCTIONS), node);
        return step(node, args, bound);
      }
      case 'rcall': {
        const [name, receiver, args] = node.args;
        if (COMPREHENSIONS.has(name)) return comprehension(node, name, receiver, args, bound);
        if (!METHODS.has(name)) fault(refusal(name, new Set([...METHODS, ...COMPREHENSIONS])), node);
        return step(node, [receiver, ...args], bound);
      }
      case 'map':
      case '.?':
      case '[?]':
        return fault(`"${node.op}" is not supported`, node);
      default:
        return step(node, node.args, bound);
    }
  };

  const step = (node: ASTNode, children: readonly ASTNode[], bound: readonly string[]): { constant: boolean; cost: number } => {
    const walked = children.map((child) => walk(child, bound));
    const constant = walked.every((part) => part.constant);
    let cost = walked.reduce((sum, part) => sum + part.cost, 1);
    if (node.op === '/' || node.op === '%')
      divisions.push({ at: node, divisor: node.args[1], constant: walked[1]?.constant === true });
    if (node.op === 'in' && !constant) cost += length(node.args[1]);
    if (node.op === 'rcall' && node.args[0].startsWith('get') && children.length > 1) cost += 200;
    if (cost > MAX_COST) fault('the expression is too costly to evaluate', node);
    if (!constant) children.forEach((child, i) => void (walked[i]?.constant && child.op !== 'value' && constants.push(child)));
    return { constant, cost };
  };

  const comprehension = (
    node: ASTNode,
    name: string,
    range: ASTNode,
    args: readonly ASTNode[],
    bound: readonly string[],
  ): { constant: boolean; cost: number } => {
    const variable = args[0];
    if (variable === undefined || args.length < 2 || variable.op !== 'id')
      return fault(`${name}() takes a name and a condition, such as ${name}(x, x == "a")`, node);
    if (ROOTS.has(variable.args)) fault(`"${variable.args}" cannot be the name of an element`, variable);
    const of = walk(range, bound);
    const body = args.slice(1).reduce((sum, arg) => sum + walk(arg, [...bound, variable.args]).cost, 0);
    const cost = of.cost + length(range) * body;
    if (cost > MAX_COST) fault('the expression is too costly to evaluate: loops within loops over long lists', node);
    return { constant: false, cost };
  };

  const length = (node: ASTNode): number => (node.op === 'list' ? node.args.length : UNKNOWN_LENGTH);

  const root = walk(ast, []);
  if (root.constant && ast.op !== 'value') constants.push(ast);
  return { reads, constants, divisions };
}

function refusal(name: string, known: ReadonlySet<string>): string {
  if (name === 'matches') return 'matches() is not supported: use contains(), startsWith() or endsWith()';
  return `unknown function "${name}"; there are ${[...known].join(', ')}`;
}
