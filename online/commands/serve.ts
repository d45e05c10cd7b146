import type { Command } from 'commander';
import { z } from 'zod';
import { addCommand, type CommandContext } from '../../src/cli/command.ts';
import { startService } from '../compose.ts';

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
        .option('--no-loop', 'leave events to `npm run enricher` (default: this process works through them too)'),
    options: optionsSchema,
    run: serve,
  });
}

async function serve(context: CommandContext, options: ServeOptions): Promise<void> {
  const config = await context.loadConfig();
  const service = await startService({ config, port: options.port, host: options.host, loop: options.loop });
  context.print(`Winnow serves ${config.about.title} at ${service.url}/ (API reference at ${service.url}/docs)`);
  await aborted(context.signal);
  await service.close();
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
