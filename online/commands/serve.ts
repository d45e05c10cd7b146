import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { z } from 'zod';
import { addCommand, type CommandContext } from '../../src/cli/command.ts';
import { createLogger } from '../../src/logging/logger.ts';
import { startService } from '../compose.ts';
import { supervise } from '../workers/supervise.ts';
import { openWorkerChannel } from '../workers/worker.ts';

const whole = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, `expected a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `expected a whole number from ${from} to ${to}`);

const optionsSchema = z.object({
  port: whole(0, 65_535).optional(),
  host: z.string().min(1).optional(),
  loop: z.boolean().default(true),
  workers: whole(1, 64).default(1),
});

type ServeOptions = z.infer<typeof optionsSchema>;

/** `npm start`: the online service. */
export function addServeCommand(program: Command): void {
  addCommand(program, {
    name: 'serve',
    description: 'Serves lists, search, the catalogue and events over HTTP from the current artifact.',
    service: true,
    configure: (command) =>
      command
        .option('-p, --port <number>', 'port (default: PORT, else 3000; 0 takes a free one)')
        .option('--host <address>', 'address to listen on (default: HOST, else 127.0.0.1)')
        .option(
          '--workers <number>',
          `processes that share the port (default: 1; this machine has ${availableParallelism()} cores)`,
        )
        .option('--no-loop', 'leave events to `npm run enricher` (default: this process works through them too)'),
    options: optionsSchema,
    run: serve,
  });
}

async function serve(context: CommandContext, options: ServeOptions): Promise<void> {
  const config = await context.loadConfig();
  const announce = (url: string) =>
    context.print(`Winnow serves ${config.about.title} at ${url}/ (API reference at ${url}/docs)`);
  if (options.workers > 1 && cluster.isPrimary) {
    const own = process.argv.slice(2);
    await supervise({
      count: options.workers,
      argumentsOf: ({ loop }) => (loop ? own : [...own, '--no-loop']),
      logger: createLogger({ level: config.logLevel }),
      onReady: announce,
      signal: context.signal,
    });
    return;
  }
  try {
    const channel = cluster.isWorker ? openWorkerChannel : undefined;
    const service = await startService({ config, port: options.port, host: options.host, loop: options.loop, channel });
    if (channel === undefined) announce(service.url);
    await aborted(context.signal);
    await service.close();
  } finally {
    // An open channel to the primary would keep a worker alive.
    cluster.worker?.disconnect();
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
