import { join, resolve } from 'node:path';
import { z } from 'zod';
import { makeDemo } from '../data/demo/makeDemo.ts';
import { buildIndex } from '../offline/buildIndex.ts';
import { withBuildResources } from '../offline/compose.ts';
import { trainRanker } from '../offline/trainRanker.ts';
import { startService } from '../online/compose.ts';
import { addCommand, type CommandContext, createProgram, runProgram } from '../src/cli/command.ts';
import { loadConfig } from '../src/config/load.ts';
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

/** From nothing to a running service: makes the demo's data, builds what is not built yet, and serves it. */
async function demo({ configPath, workspace, signal, stage, print }: CommandContext, options: z.infer<typeof optionsSchema>) {
  if (configPath !== undefined)
    throw new UserError('the demo has a configuration of its own; for yours: npm start -- --config …');
  const folder = resolve(workspace ?? WORKSPACE);
  const dataset = join(folder, 'dataset');
  const ended = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  ended.catch(() => {});
  const build = async () => {
    await stage('Real films, simulated people', async () => {
      await makeDemo(dataset);
      return 'ran';
    });
    const config = await loadConfig({ config: join(dataset, 'winnow.yaml'), workspace: folder });
    await withBuildResources(config, async (resources) => {
      await buildIndex(resources, stage);
      await trainRanker(resources, stage);
    });
    return config;
  };
  const config = await Promise.race([build(), ended]);
  const service = await startService({ config, ...options });
  print('');
  print(`  The playground:  ${service.url}/`);
  print(`  The API:         ${service.url}/docs`);
  print('  The films are real; the people and what they do are simulated. Ctrl-C stops.');
  print('');
  await ended.catch(() => {});
  await service.close();
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
