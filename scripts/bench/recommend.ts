import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { UserError } from '../../src/domain/errors.ts';
import { type BenchReport, rounded } from './report.ts';
import { writeCatalogue } from './support/catalogue.ts';

const exec = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const SIZE = { items: 10_000, users: 2000, perUser: 30, seed: 11 };
const SECONDS = 10;
const CONNECTIONS = [1, 16];

const loadSchema = z.object({
  p50: z.number(),
  p99: z.number(),
  average: z.number(),
  total: z.number(),
  errors: z.number(),
  timeouts: z.number(),
  non2xx: z.number(),
});

/**
 * End to end over real HTTP: the service in one process, the load in another. Builds a made-up catalogue on first use and
 * keeps it in the system's temporary folder; `--items N` for another size, `--seconds N` for how long each row takes.
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const items = numberOption(args, '--items', SIZE.items);
  const seconds = numberOption(args, '--seconds', SECONDS);
  const { config, workspace } = await prepare(items);
  const service = await startServing(config, workspace);
  try {
    const paths = Array.from({ length: 500 }, (_, i) => `/recommend?userId=u${(i * 7) % SIZE.users}&limit=10`);
    await load(service.url, paths, 4, 3);
    const rows: (string | number)[][] = [];
    for (const connections of CONNECTIONS) {
      const before = await service.cpuSeconds();
      const result = await load(service.url, paths, connections, seconds);
      const cpu = (1000 * ((await service.cpuSeconds()) - before)) / result.total;
      if (result.errors + result.timeouts + result.non2xx > 0) throw new UserError(`${result.non2xx} answers failed`);
      rows.push(['/recommend', connections, rounded(result.average, 0), result.p50, result.p99, rounded(cpu)]);
    }
    const stages = await service.stageMeans();
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

async function prepare(items: number): Promise<{ config: string; workspace: string }> {
  const folder = join(tmpdir(), `winnow-bench-${items}`);
  const workspace = join(folder, 'workspace');
  const config = join(folder, 'data', 'winnow.yaml');
  if (!existsSync(join(workspace, 'ready'))) {
    process.stderr.write(`building a catalogue of ${items} items in ${folder} …\n`);
    await writeCatalogue(join(folder, 'data'), { ...SIZE, items });
    for (const command of ['build-index', 'train-ranker']) {
      const script = ['--import', 'tsx', join(ROOT, 'offline', 'main.ts'), command, '--config', config, '--workspace', workspace];
      await runToEnd(script);
    }
    await writeFile(join(workspace, 'ready'), '');
  }
  return { config, workspace };
}

/** A command in a process of its own, its progress shown. */
async function runToEnd(args: readonly string[]): Promise<void> {
  const child = owned(spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] }));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new UserError(`${args.slice(3).join(' ')} failed`);
}

const children = new Set<ChildProcess>();

/** A child that does not outlive this process, however it ends. */
function owned<T extends ChildProcess>(child: T): T {
  if (children.size === 0) {
    const endAll = () => {
      for (const one of children) one.kill('SIGKILL');
    };
    process.once('exit', endAll);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  }
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function load(url: string, paths: readonly string[], connections: number, seconds: number) {
  const script = ['--import', 'tsx', join(ROOT, 'scripts', 'bench', 'support', 'load.ts')];
  const { stdout } = await exec(process.execPath, [...script, JSON.stringify({ url, paths, connections, seconds })], {
    cwd: ROOT,
  });
  return loadSchema.parse(JSON.parse(stdout));
}

/** The service in a process of its own, and what its metrics say of it. */
async function startServing(config: string, workspace: string) {
  const script = ['--import', 'tsx', join(ROOT, 'online', 'main.ts'), 'serve', '--port', '0', '--no-loop'];
  const child = owned(
    spawn(process.execPath, [...script, '--config', config, '--workspace', workspace], {
      cwd: ROOT,
      env: { ...process.env, LOG_LEVEL: 'error' },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new UserError('the service did not start')));
    child.stdout.on('data', (chunk: Buffer) => {
      const found = /http:\/\/[\d.]+:\d+/.exec(chunk.toString());
      if (found !== null) resolve(found[0]);
    });
  });
  const metrics = async () => (await fetch(`${url}/metrics`)).text();
  return {
    url,
    cpuSeconds: async () => Number(/^process_cpu_seconds_total ([\d.e+-]+)/m.exec(await metrics())?.[1]),
    async stageMeans(): Promise<[string, number][]> {
      const text = await metrics();
      const counts = new Map(
        [...text.matchAll(/duration_seconds_count\{route="recommend",stage="(\w+)"\} (\S+)/g)].map(([, stage = '', n]) => [
          stage,
          Number(n),
        ]),
      );
      const sums = text.matchAll(/duration_seconds_sum\{route="recommend",stage="(\w+)"\} (\S+)/g);
      return [...sums].map(([, stage = '', sum]) => [stage, (1000 * Number(sum)) / (counts.get(stage) ?? 1)]);
    },
    async stop() {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

function numberOption(args: readonly string[], name: string, fallback: number): number {
  const at = args.indexOf(name);
  if (at < 0) return fallback;
  const value = Number(args[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new UserError(`${name}: expected a whole number`);
  return value;
}
