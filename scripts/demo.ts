import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { makeDemo } from '../data/demo/makeDemo.ts';
import { type StartedService, startService } from '../online/compose.ts';
import { listen } from '../online/http/server.ts';
import { addCommand, type CommandContext, createProgram, runProgram } from '../src/cli/command.ts';
import { loadConfig } from '../src/config/load.ts';
import type { Config } from '../src/config/schema.ts';
import { UserError } from '../src/domain/errors.ts';

const WORKSPACE = join('data', 'demo', 'workspace');

const optionsSchema = z.object({
  port: z
    .string()
    .regex(/^\d+$/, 'expected a whole number')
    .transform(Number)
    .refine((port) => port <= 65_535, 'expected a port from 0 to 65535')
    .default(3000),
  host: z.string().default('127.0.0.1'),
});

type Options = z.infer<typeof optionsSchema>;

/** From nothing to a running service: makes the demo's data, builds what is not built yet, and serves it. */
async function demo({ configPath, workspace, signal, stage, print }: CommandContext, options: Options) {
  if (configPath !== undefined)
    throw new UserError('the demo has a configuration of its own; for yours: npm start -- --config …');
  const folder = resolve(workspace ?? WORKSPACE);
  const dataset = join(folder, 'dataset');
  const ended = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  ended.catch(() => {});
  const prepare = async () => {
    await stage('Real films, simulated people', async () => {
      await makeDemo(dataset);
      return 'ran';
    });
    const config = await loadConfig({ config: join(dataset, 'winnow.yaml'), workspace: folder });
    if (await isBuilt(config)) {
      await stage('Models and indices', async () => 'unchanged');
      const started = await startBuilt(config, options);
      if (started !== undefined) return started;
    }
    await build(config, stage);
    return startService({ config, ...options });
  };
  // A taken port is told before the build, not after it.
  await (await listen(() => {}, options)).close();
  const service = await Promise.race([prepare(), ended]);
  print('');
  print(`  The playground:  ${service.url}/`);
  print(`  The API:         ${service.url}/docs`);
  print('  The films are real; the people and what they do are simulated. Ctrl-C stops.');
  print('');
  await ended.catch(() => {});
  await service.close();
}

const stampOf = (config: Config) => join(config.workspace, 'demo.json');

/** What the stamp says of data that is as it is now. */
const expectedStamp = (config: Config): Promise<string> => readFile(join(config.root, 'generated.json'), 'utf8');

/**
 * Whether this data was built to the end. Clicks that came since do not count: a demo starts at once, and `npm run pipeline`
 * learns from them.
 */
async function isBuilt(config: Config): Promise<boolean> {
  const stamp = await readFile(stampOf(config), 'utf8').catch(() => undefined);
  return stamp === (await expectedStamp(config));
}

/** The service on what is built; undefined where that does not fit this code any more. */
async function startBuilt(config: Config, options: Options): Promise<StartedService | undefined> {
  try {
    return await startService({ config, ...options });
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** The offline half is loaded only when there is something to build. */
async function build(config: Config, stage: CommandContext['stage']): Promise<void> {
  const { withBuild } = await import('../offline/compose.ts');
  const { buildIndex } = await import('../offline/buildIndex.ts');
  const { trainRanker } = await import('../offline/trainRanker.ts');
  await withBuild(config, async (resources) => {
    await buildIndex(resources, stage);
    await trainRanker(resources, stage);
  });
  await writeFile(stampOf(config), await expectedStamp(config));
}

const program = createProgram('npm run', 'Winnow');
addCommand(program, {
  name: 'demo',
  description: 'Builds the demo catalogue where that is not done yet, starts the service on it and prints the link.',
  service: true,
  configure: (command) =>
    command
      .option('-p, --port <number>', 'port of the service (default: 3000; 0 takes a free one)')
      .option('--host <address>', 'address to listen on (default: 127.0.0.1)'),
  options: optionsSchema,
  run: demo,
});
await runProgram(program, [...process.argv.slice(0, 2), 'demo', ...process.argv.slice(2)]);
