import { UserError } from '../../src/domain/errors.ts';
import { type Bench, formatReport, writeReport } from './report.ts';

/** By name; each is loaded when it is asked for. */
const BENCHES: Readonly<Record<string, () => Promise<{ readonly run: Bench }>>> = {
  'closed-loop': () => import('./closedLoop.ts'),
  events: () => import('./events.ts'),
  filters: () => import('./filters.ts'),
  impressions: () => import('./impressions.ts'),
  kafka: () => import('./kafka.ts'),
  lambdarank: () => import('./lambdarank.ts'),
  'new-items': () => import('./newItems.ts'),
  'policy-leak': () => import('./policyLeak.ts'),
  quality: () => import('./quality.ts'),
  'query-vector': () => import('./queryVector.ts'),
  rank: () => import('./rank.ts'),
  recommend: () => import('./recommend.ts'),
  search: () => import('./search.ts'),
  'search-clicks': () => import('./searchClicks.ts'),
  training: () => import('./training.ts'),
};

/** `npm run bench [name] [its options]`: without a name, all of them. A missed bar makes the exit code 1. */
async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  const names = Object.keys(BENCHES);
  if (name === '--help' || name === '-h') {
    process.stdout.write(`npm run bench [name] [options]\n\nBenchmarks: ${names.join(', ')}\n`);
    return;
  }
  if (name !== undefined && !names.includes(name)) {
    throw new UserError(`there is no benchmark "${name}"; the benchmarks are ${names.join(', ')}`);
  }
  for (const chosen of name === undefined ? names : [name]) {
    const { run } = await BENCHES[chosen]!();
    const report = await run(rest);
    process.stdout.write(`\n${formatReport(report)}\n`);
    process.stdout.write(`written to ${await writeReport(report)}\n`);
    if (report.checks?.some((check) => !check.passed) === true) process.exitCode = 1;
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(
    error instanceof UserError ? `error: ${error.message}\n` : `${error instanceof Error ? error.stack : error}\n`,
  );
  process.exitCode = 1;
});
