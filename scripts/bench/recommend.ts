import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../src/domain/errors.ts';
import { type BenchReport, rounded } from './report.ts';
import { writeCatalogue } from './support/catalogue.ts';
import { load, runCommand, startServing } from './support/service.ts';

const SIZE = { items: 10_000, users: 2000, perUser: 30, seed: 11 };
const SECONDS = 10;
const CONNECTIONS = [1, 16];

/**
 * End to end over real HTTP: the service in one process, the load in another. Builds a made-up catalogue on first use and
 * keeps it in the system's temporary folder; `--items N` for another size, `--seconds N` for how long each row takes.
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const items = numberOption(args, '--items', SIZE.items);
  const seconds = numberOption(args, '--seconds', SECONDS);
  const service = await startOn(items);
  try {
    const paths = Array.from({ length: 500 }, (_, i) => `/recommend?userId=u${(i * 7) % SIZE.users}&limit=10`);
    await load(service.url, paths, 4, 3);
    const rows: (string | number)[][] = [];
    for (const connections of CONNECTIONS) {
      const before = await service.cpuSeconds();
      const result = await load(service.url, paths, connections, seconds);
      const cpu = (1000 * ((await service.cpuSeconds()) - before)) / result.total;
      rows.push(['/recommend', connections, rounded(result.average, 0), result.p50, result.p99, rounded(cpu)]);
    }
    const stages = await service.stageMeans('recommend');
    return {
      name: 'recommend',
      title: 'GET /recommend, 200 candidates, end to end over HTTP',
      setup: { items, users: SIZE.users, events: SIZE.users * SIZE.perUser, candidates: 200, limit: 10, seconds, store: 'lmdb' },
      columns: ['what', 'connections', 'requests/s', 'p50 ms', 'p99 ms', 'CPU ms/request'],
      rows: [...rows, ...stages.map(([stage, mean]) => [`stage ${stage}`, null, null, null, null, rounded(mean, 3)])],
      notes: ['rows of stages give the mean time within the service, all loads together'],
    };
  } finally {
    await service.stop();
  }
}

/** The service on the catalogue that is kept; where another version of Winnow built it, on one that is built anew. */
async function startOn(items: number): ReturnType<typeof startServing> {
  const { config, workspace } = await prepare(items);
  try {
    return await startServing(config, workspace);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    await rm(workspace, { recursive: true });
    await prepare(items);
    return startServing(config, workspace);
  }
}

async function prepare(items: number): Promise<{ config: string; workspace: string }> {
  const folder = join(tmpdir(), `winnow-bench-${items}`);
  const workspace = join(folder, 'workspace');
  const config = join(folder, 'data', 'winnow.yaml');
  if (!existsSync(join(workspace, 'ready'))) {
    process.stderr.write(`building a catalogue of ${items} items in ${folder} …\n`);
    await writeCatalogue(join(folder, 'data'), { ...SIZE, items });
    for (const command of ['build-index', 'train-ranker']) await runCommand(command, config, workspace);
    await writeFile(join(workspace, 'ready'), '');
  }
  return { config, workspace };
}

function numberOption(args: readonly string[], name: string, fallback: number): number {
  const at = args.indexOf(name);
  if (at < 0) return fallback;
  const value = Number(args[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new UserError(`${name}: expected a whole number`);
  return value;
}
