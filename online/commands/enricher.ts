import type { Command } from 'commander';
import { z } from 'zod';
import { addCommand } from '../../src/cli/command.ts';
import { startLoop } from '../compose.ts';

/** `npm run enricher`: the event pipeline in a process of its own. */
export function addEnricherCommand(program: Command): void {
  addCommand(program, {
    name: 'enricher',
    description:
      'Validates and enriches events and applies them to the feature store. The service does this by itself unless it is started with --no-loop; several share the work.',
    service: true,
    options: z.object({}),
    async run(context) {
      const config = await context.loadConfig();
      context.print('The enricher works through the events. Ctrl-C stops.');
      await startLoop(config, context.signal);
    },
  });
}
