import {
  type ASTNode,
  TypeError as CelTypeError,
  EvaluationError,
  ParseError,
  type ParseResult,
  serialize,
} from '@marcbachmann/cel-js';
import { LRUCache } from 'lru-cache';
import { UserError } from '../domain/errors.ts';
import { type CelEnvironment, environmentOf, LIMITS, NON_ZERO } from './environment.ts';
import type { Expression, ExpressionEnvironment, ExpressionScope } from './expression.ts';
import { ExpressionFault, inspect } from './safety.ts';

const parsed = new WeakMap<CelEnvironment, LRUCache<string, Expression>>();

/**
 * Parses a condition and checks it against the catalogue's fields. The same source gives the same object, so that plans can
 * be kept by it.
 * @param path what the error names as the place, such as `filter` or `policies[2].deny`
 * @throws UserError (400) with line and column, for anything that is not a bounded, well-typed condition
 */
export function parseExpression(source: string, environment: ExpressionEnvironment, path = 'filter'): Expression {
  const env = environmentOf(environment);
  let known = parsed.get(env);
  if (!known) {
    known = new LRUCache({ max: 2_000, maxSize: 4_000_000, sizeCalculation: (_, key) => key.length + 500 });
    parsed.set(env, known);
  }
  const hit = known.get(source);
  if (hit) return hit;
  try {
    const expression = compile(source, environment, env);
    known.set(source, expression);
    return expression;
  } catch (error) {
    throw describe(error, source, path);
  }
}

function compile(source: string, environment: ExpressionEnvironment, env: CelEnvironment): Expression {
  if (source.length > LIMITS.sourceLength)
    throw new ExpressionFault(`longer than ${LIMITS.sourceLength} characters`, LIMITS.sourceLength);
  if (source.trim() === '') throw new ExpressionFault('empty: a condition is expected', 0);
  const written = parseNumbersAsDoubles(source, env);
  const { reads, constants, divisions } = inspect(written.ast, environment);
  const type = check(written);
  if (type !== 'bool' && type !== 'dyn') throw new ExpressionFault(`a condition is expected, but this is of type ${type}`, 0);
  for (const { divisor, at, constant } of divisions)
    if (constant && Number(evaluateConstant(divisor, env)) === 0) throw new ExpressionFault('division by zero', at.pos);
  for (const constant of constants) evaluateConstant(constant, env);
  const run = divisions.length === 0 ? written : guardDivisions(parseNumbersAsDoubles(source, env), env);
  return {
    source,
    ast: run.ast,
    readsItem: [...reads].some((name) => name.startsWith('item.')),
    reads,
    evaluate: evaluator(run, env),
    evaluatePart: partEvaluator(env),
  };
}

function partEvaluator(env: CelEnvironment): (node: ASTNode, scope: ExpressionScope) => unknown {
  const parts = new Map<ASTNode, (scope: ExpressionScope) => unknown>();
  return (node, scope) => {
    if (node.op === 'value') return node.args;
    let part = parts.get(node);
    if (!part) {
      const run = guardDivisions(parseNumbersAsDoubles(serialize(node), env), env);
      part = evaluator(run, env);
      parts.set(node, part);
    }
    return part(scope);
  };
}

function check(run: ParseResult): string | undefined {
  const result = run.check();
  if (!result.valid) throw result.error ?? new ExpressionFault('does not pass the type check', 0);
  return result.type;
}

/**
 * Number fields are doubles, and CEL keeps integers and doubles apart: `item.year in [1990]` would be a type error. So every
 * number written in an expression is read as a double, but for the position in a list.
 */
function parseNumbersAsDoubles(source: string, env: CelEnvironment): ParseResult {
  const run = env.cel.parse(source);
  const rewrite = (node: ASTNode): void => {
    if (node.op === 'value' && typeof node.args === 'bigint') Object.assign(node, { args: Number(node.args) });
    else for (const child of node.op === '[]' && node.args[1].op === 'value' ? [node.args[0]] : children(node)) rewrite(child);
  };
  rewrite(run.ast);
  return run;
}

/** Puts `nonZero` around every divisor, so that dividing by zero is an error, and checks the whole again. */
function guardDivisions(run: ParseResult, env: CelEnvironment): ParseResult {
  const rewrite = (node: ASTNode): void => {
    for (const child of children(node)) rewrite(child);
    if (node.op !== '/') return;
    const [dividend, divisor] = node.args;
    const guarded = env.cel.parse(`${NON_ZERO}(0)`).ast;
    Object.assign(guarded, { args: [NON_ZERO, [divisor]] });
    Object.assign(node, { args: [dividend, guarded] });
  };
  rewrite(run.ast);
  // Parts of it are parsed again when plans need them: what would be too large for that is refused here.
  env.cel.parse(serialize(run.ast));
  check(run);
  return run;
}

/** Operands of a node, in order; names of fields, functions and loop variables are not among them. */
export function children(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}

/** What depends on nothing must have a value: `timestamp("soon")` or `1 / 0` is refused here and not when it is needed. */
function evaluateConstant(node: ASTNode, env: CelEnvironment): unknown {
  const run = parseNumbersAsDoubles(serialize(node), env);
  try {
    check(run);
    return run({});
  } catch (error) {
    throw new ExpressionFault(error instanceof EvaluationError ? error.summary : 'cannot be evaluated', node.pos);
  }
}

function evaluator(run: ParseResult, env: CelEnvironment): (scope: ExpressionScope) => unknown {
  const context = { item: env.item, user: env.user, request: env.request, now: new Date(0) };
  return (scope) => {
    env.item.show(scope.item?.fields ?? {}, scope.item?.id);
    env.user.show(scope.user, undefined, scope.userUnknown);
    env.request.show(scope.request);
    if (context.now.getTime() !== scope.now) context.now = new Date(scope.now);
    // A missing value is an error and quite usual; the stack that comes with it costs more than the evaluation.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return run(context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

function describe(error: unknown, source: string, path: string): unknown {
  const fault = locate(error);
  if (!fault) return error;
  const before = source.slice(0, fault.offset);
  const line = before.split('\n').length;
  const column = before.length - before.lastIndexOf('\n');
  return new UserError(`${path}: ${fault.message} (line ${line}, column ${column})`, {
    issues: [{ path, message: fault.message, line, column }],
  });
}

function locate(error: unknown): { message: string; offset: number } | undefined {
  if (error instanceof ExpressionFault) return { message: shorten(error.message), offset: error.offset };
  if (error instanceof ParseError || error instanceof CelTypeError || error instanceof EvaluationError) {
    return { message: shorten(error.summary), offset: error.range?.start ?? 0 };
  }
  if (error instanceof RangeError) return { message: 'nested too deeply', offset: 0 };
  return undefined;
}

const shorten = (message: string): string => (message.length > 300 ? `${message.slice(0, 300)}…` : message);
