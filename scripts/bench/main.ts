import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UserError } from '../../src/domain/errors.ts';
import { type Bench, formatReport, writeReport } from './report.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Files beside this one that are no benchmark. */
const HELPERS = new Set(['main.ts', 'report.ts']);

/** `npm run bench [name] [its options]`: without a name, all of them. A missed bar makes the exit code 1. */
async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  const names = await benchNames();
  if (name === '--help' || name === '-h') {
    process.stdout.write(`npm run bench [name] [options]\n\nBenchmarks: ${names.join(', ')}\n`);
    return;
  }
  if (name !== undefined && !names.includes(name)) {
    throw new UserError(`there is no benchmark "${name}"; the benchmarks are ${names.join(', ')}`);
  }
  for (const chosen of name === undefined ? names : [name]) await runOne(chosen, rest);
}

async function benchNames(): Promise<string[]> {
  const files = await readdir(HERE);
  const names = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !HELPERS.has(file));
  return names.map((file) => kebab(file.slice(0, -'.ts'.length))).sort();
}

async function runOne(name: string, args: readonly string[]): Promise<void> {
  const run = await load(name);
  const report = await run(args);
  process.stdout.write(`\n${formatReport(report)}\n`);
  process.stdout.write(`written to ${await writeReport(report)}\n`);
  if (report.checks?.some((check) => !check.passed) === true) process.exitCode = 1;
}

async function load(name: string): Promise<Bench> {
  const path = join(HERE, `${camel(name)}.ts`);
  if (!existsSync(path)) throw new UserError(`there is no ${path}`);
  const module: { run?: Bench } = await import(pathToFileURL(path).href);
  if (typeof module.run !== 'function') throw new UserError(`${path} exports no function "run"`);
  return module.run;
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const camel = (name: string): string => name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(
    error instanceof UserError ? `error: ${error.message}\n` : `${error instanceof Error ? error.stack : error}\n`,
  );
  process.exitCode = 1;
});
