import type { Command } from 'commander';
import { z } from 'zod';
import { addCommand } from '../../src/cli/command.ts';
import { withStorage } from '../compose.ts';
import { replayDiverted } from '../events/replay.ts';

const optionsSchema = z.object({
  from: z.enum(['invalid', 'dead-letter'], 'expected invalid or dead-letter'),
  filter: z.string().optional(),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'expected a whole number from 1')
    .transform(Number)
    .optional(),
});

/** `npm run replay`: sends turned-away events through the pipeline again. */
export function addReplayCommand(program: Command): void {
  addCommand(program, {
    name: 'replay',
    description: 'Sends events that were found invalid, or could not be enriched, through the pipeline again, each once.',
    configure: (command) =>
      command
        .requiredOption('--from <topic>', 'invalid or dead-letter')
        .option('--filter <cel>', 'which: CEL over reason, detail, attempts, divertedAt and event (default: all)')
        .option('--limit <number>', 'at most so many'),
    options: optionsSchema,
    async run(context, { from, ...options }) {
      const config = await context.loadConfig();
      const report = await withStorage(config, ({ log, store }) => replayDiverted({ log, store, from, ...options }));
      context.print(
        `${report.sent} sent again of ${report.read}: ${report.already} had been sent before, ${report.filteredOut} were filtered out, ${report.malformed} are no events`,
      );
    },
  });
}
