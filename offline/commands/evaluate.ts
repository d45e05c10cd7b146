import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import type { CommandSpec } from '../../src/cli/command.ts';
import { UserError } from '../../src/domain/errors.ts';
import { entityKey } from '../../src/domain/state.ts';
import { reportTable } from '../../src/evaluation/table.ts';
import type { BuildResources } from '../resources.ts';
import { evaluate, writeEvaluation } from '../stages/evaluate.ts';
import { readServed } from '../stages/heldOut.ts';
import { loadInteractions } from '../stages/interactions.ts';
import { readItems } from '../stages/trainingSet.ts';
import type { WithResources } from './build.ts';

const optionsSchema = z.object({
  artifact: z.string().optional(),
  lists: z.array(z.string().regex(/^[^=]+=.+$/, 'expected NAME=FILE')).default([]),
});

/** `evaluate`: how good the published models are on what they had not learned, beside baselines and other systems' lists. */
export function evaluateCommand(withResources: WithResources): CommandSpec<z.infer<typeof optionsSchema>> {
  return {
    name: 'evaluate',
    description: 'measure the published models on held-out data, beside the built-in baselines',
    configure: (command) =>
      command
        .option('--artifact <version>', 'the version to measure (default: the one that serves)')
        .option(
          '--lists <name=file...>',
          'lists of another system, one JSON line { "userId", "items" } each, measured by the same code',
        ),
    options: optionsSchema,
    async run(context, options) {
      await withResources(await context.loadConfig(), async (resources) => {
        const { folder, lines } = await measure(resources, options, context.stage);
        for (const line of lines) context.print(line);
        context.print(`report: ${folder}`);
      });
    },
  };
}

async function measure(
  { artifacts, config, log }: BuildResources,
  options: z.infer<typeof optionsSchema>,
  show: Parameters<CommandSpec<unknown>['run']>[0]['stage'],
): Promise<{ folder: string; lines: readonly string[] }> {
  const version = options.artifact ?? (await artifacts.current());
  if (version === undefined) throw new UserError('there is no artifact to measure: run "npm run pipeline" first');
  const opened = await artifacts.open(version);
  const { split, results, position } = await readServed(config.workspace, opened);
  const items = await readItems(opened.folder);
  const interactions = await loadInteractions(log, items, config, position);
  const others: { name: string; lists: Map<string, readonly string[]> }[] = [];
  for (const entry of options.lists) {
    const at = entry.indexOf('=');
    others.push({ name: entry.slice(0, at), lists: await readLists(entry.slice(at + 1)) });
  }
  const folder = join(config.workspace, 'reports', version);
  await mkdir(folder, { recursive: true });
  let lines: readonly string[] = [];
  await show('Evaluation', async (progress) => {
    const report = await evaluate({
      catalogue: createCatalogue(config.fields, items),
      interactions,
      split,
      results,
      others,
      seed: config.training.seed,
      progress,
    });
    await writeEvaluation(folder, report);
    lines = reportTable(report);
    return 'ran';
  });
  return { folder, lines };
}

const listSchema = z.object({ userId: z.string(), items: z.array(z.string()) });

/** Another system's lists, by entity key. @throws UserError naming file and line */
async function readLists(path: string): Promise<Map<string, readonly string[]>> {
  const lists = new Map<string, readonly string[]>();
  let number = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(path, 'utf8') })) {
      number++;
      if (line.trim() === '') continue;
      const list = listSchema.safeParse(parseJson(line));
      if (!list.success) throw new UserError(`${path}:${number}: expected { "userId": "…", "items": ["…"] }`);
      const key = entityKey('user', list.data.userId);
      if (lists.has(key)) throw new UserError(`${path}:${number}: a list of this user is there already`);
      lists.set(key, list.data.items);
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(`${path} cannot be read`, { cause });
  }
  return lists;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
