import { z } from 'zod';
import type { CommandSpec } from '../../src/cli/command.ts';
import { describe, tune } from '../tune.ts';
import type { WithResources } from './build.ts';

const optionsSchema = z.object({ minutes: z.coerce.number('expected a number of minutes').positive().default(10) });

/** `tune`: the settings of training that fit these data, written into the workspace with their evidence. */
export function tuneCommand(withResources: WithResources): CommandSpec<z.infer<typeof optionsSchema>> {
  return {
    name: 'tune',
    description: 'search the settings of the embedding model on held-out actions, for the next build',
    configure: (command) => command.option('--minutes <number>', 'how long to search (default: 10)'),
    options: optionsSchema,
    async run(context, { minutes }) {
      await withResources(await context.loadConfig(), async (resources) => {
        const { path, tuned, first, best } = await tune(resources, context.stage, { minutes, signal: context.signal });
        context.print(`${tuned.evidence.trials.length} settings tried on ${tuned.evidence.cases} held-out actions`);
        context.print(`first: ${describe(first)}`);
        context.print(`best:  ${describe(best)}`);
        context.print(`written to ${path}; the next build trains with it, where winnow.yaml says nothing else`);
      });
    },
  };
}
