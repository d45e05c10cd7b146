import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { UserError } from '../../../src/domain/errors.ts';
import { ROOT } from '../../root.ts';

const exec = promisify(execFile);

const loadSchema = z.object({
  p50: z.number(),
  p99: z.number(),
  average: z.number(),
  total: z.number(),
  errors: z.number(),
  timeouts: z.number(),
  non2xx: z.number(),
});
export type Load = z.infer<typeof loadSchema>;

/** An offline command in a process of its own, its progress shown. @throws UserError where it fails */
export async function runCommand(name: string, config: string, workspace: string): Promise<void> {
  const script = ['--import', 'tsx', join(ROOT, 'offline', 'main.ts'), name, '--config', config, '--workspace', workspace];
  const child = owned(spawn(process.execPath, script, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] }));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new UserError(`${name} failed`);
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

/** Asks for the paths in turn, over and over, from a process of its own. @throws UserError where an answer is no success */
export async function load(url: string, paths: readonly string[], connections: number, seconds: number): Promise<Load> {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-load-'));
  const options = join(folder, 'load.json');
  await writeFile(options, JSON.stringify({ url, paths, connections, seconds }));
  const script = ['--import', 'tsx', join(ROOT, 'scripts', 'bench', 'support', 'load.ts'), options];
  const { stdout } = await exec(process.execPath, script, { cwd: ROOT }).finally(() => rm(folder, { recursive: true }));
  const result = loadSchema.parse(JSON.parse(stdout));
  if (result.errors + result.timeouts + result.non2xx > 0) throw new UserError(`${result.non2xx} answers failed`);
  return result;
}

const packageSchema = z.object({ scripts: z.object({ start: z.string() }) });

/** What `npm start` gives Node, the program included, and in the environment. */
async function startWith(): Promise<{ words: string[]; env: Record<string, string> }> {
  const { scripts } = packageSchema.parse(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')));
  const all = scripts.start.split(' ');
  const node = all.indexOf('node');
  const settings = all.slice(all.indexOf('env') + 1, node).map((setting): [string, string] => {
    const [name = '', value = ''] = setting.split('=');
    return [name, value];
  });
  return { words: all.slice(node + 1), env: Object.fromEntries(settings) };
}

/** The service in a process of its own, and what its metrics say of it. */
export async function startServing(config: string, workspace: string, options: { readonly loop?: boolean } = {}) {
  const { words, env } = await startWith();
  const script = [...words, '--port', '0', ...(options.loop === true ? [] : ['--no-loop'])];
  const child = owned(
    spawn(process.execPath, [...script, '--config', config, '--workspace', workspace], {
      cwd: ROOT,
      env: { ...process.env, ...env, LOG_LEVEL: 'error' },
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
  const metric = async (name: string) => Number(new RegExp(`^${name} ([\\d.e+-]+)`, 'm').exec(await metrics())?.[1]);
  return {
    url,
    cpuSeconds: () => metric('process_cpu_seconds_total'),
    residentMegabytes: async () => (await metric('process_resident_memory_bytes')) / 1e6,
    /** Mean milliseconds of each stage of a route. */
    async stageMeans(route: string): Promise<[string, number][]> {
      const text = await metrics();
      const read = (kind: string) =>
        [...text.matchAll(new RegExp(`duration_seconds_${kind}\\{route="${route}",stage="(\\w+)"\\} (\\S+)`, 'g'))].map(
          ([, stage = '', value]): [string, number] => [stage, Number(value)],
        );
      const counts = new Map(read('count'));
      return read('sum').map(([stage, sum]) => [stage, (1000 * sum) / (counts.get(stage) ?? 1)]);
    },
    async stop() {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}
