import { UserError } from '../../../src/domain/errors.ts';
import type { ExpressionEnvironment } from '../../../src/filters/expression.ts';
import { parseExpression } from '../../../src/filters/parse.ts';
import { quantile, rounded } from '../report.ts';

/** Filters that nobody should get far with, over the fields of `vectorFields`. */
const BAD: readonly (readonly [string, string])[] = [
  ['an unknown field', 'item.colour == "red"'],
  ['a wrong type', 'item.u == "x"'],
  ['an unknown function', 'foo(item.u) > 1'],
  ['a division by zero', 'item.u / 0 > 1'],
  ['a regular expression that backtracks', 'item.brand.matches("(a+)+$")'],
  ['100 kB of parentheses', `${'('.repeat(50_000)}${')'.repeat(50_000)}`],
  ['16 kB of parentheses', `${'('.repeat(8_000)}1${')'.repeat(8_000)}`],
  ['16 kB of negations', `${'!'.repeat(16_000)}true`],
  ['1,200 alternatives', Array(1_200).fill('item.u>1').join('||')],
  ['loops within loops', 'item.tags.all(a, item.tags.all(b, item.tags.all(c, a == b)))'],
  ['a list of 3,000 numbers', `item.u in [${Array(3_000).fill(1).join(',')}]`],
];
const ROUNDS = 100;
const WARM_UP = 10;

export interface Refusal {
  readonly what: string;
  readonly p50: number;
  readonly p95: number;
  readonly cpuP50: number;
  readonly cpuP95: number;
}

/** Milliseconds in which each is refused with its place. @throws Error for one that is let through */
export function measureRefusals(environment: ExpressionEnvironment): Refusal[] {
  return BAD.map(([what, source]) => {
    const times: number[] = [];
    const cpu: number[] = [];
    for (let i = -WARM_UP; i < ROUNDS; i++) {
      const started = performance.now();
      const cpuStarted = process.cpuUsage();
      refuse(what, source, environment);
      const { user, system } = process.cpuUsage(cpuStarted);
      if (i < 0) continue;
      times.push(performance.now() - started);
      cpu.push((user + system) / 1000);
    }
    const at = (list: readonly number[], share: number): number =>
      rounded(
        quantile(
          list.toSorted((a, b) => a - b),
          share,
        ),
        3,
      );
    return { what, p50: at(times, 0.5), p95: at(times, 0.95), cpuP50: at(cpu, 0.5), cpuP95: at(cpu, 0.95) };
  });
}

function refuse(what: string, source: string, environment: ExpressionEnvironment): void {
  try {
    parseExpression(source, environment);
  } catch (error) {
    if (error instanceof UserError && error.issues[0]?.column !== undefined) return;
    throw error;
  }
  throw new Error(`${what} was accepted`);
}
