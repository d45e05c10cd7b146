import { z } from 'zod';
import type { CommandContext, CommandSpec } from '../../src/cli/command.ts';
import type { Config } from '../../src/config/schema.ts';
import { type BuildOutcome, buildIndex } from '../buildIndex.ts';
import type { BuildResources } from '../resources.ts';
import { type RankerOutcome, trainRanker } from '../trainRanker.ts';
import { trainSearchRanker } from '../trainSearchRanker.ts';

/** Opens what a build needs, runs it, and closes it again. */
export type WithResources = <T>(config: Config, work: (resources: BuildResources) => Promise<T>) => Promise<T>;

const noOptions = z.object({});
const forceOption = z.object({ force: z.boolean().default(false) });
type Force = z.infer<typeof forceOption>;

/** `build-index`: files and log to an artifact that serves. */
export function buildIndexCommand(withResources: WithResources): CommandSpec<unknown> {
  return {
    name: 'build-index',
    description: 'import the data set, train the embedding model, build the indices, publish',
    options: noOptions,
    async run(context) {
      await withResources(await context.loadConfig(), async (resources) => {
        announce(context, resources);
        tellBuild(context, await buildIndex(resources, context.stage));
      });
    },
  };
}

/** `train-ranker`: the log to a ranker for the artifact that serves, published if it is not worse. */
export function trainRankerCommand(withResources: WithResources): CommandSpec<Force> {
  return {
    name: 'train-ranker',
    description: 'train the ranker on what was shown and done, and publish it unless it is worse than the one that serves',
    configure: (command) => command.option('--force', 'publish even if the gate refuses; the refusal stays on record'),
    options: forceOption,
    async run(context, { force }) {
      await withResources(await context.loadConfig(), async (resources) => {
        announce(context, resources);
        await trainRankers(context, resources, force);
      });
    },
  };
}

/** `pipeline`: both, and only what changed. */
export function pipelineCommand(withResources: WithResources): CommandSpec<Force> {
  return {
    name: 'pipeline',
    description: 'build-index and train-ranker, running only what changed',
    configure: (command) => command.option('--force', 'publish even if the gate refuses; the refusal stays on record'),
    options: forceOption,
    async run(context, { force }) {
      await withResources(await context.loadConfig(), async (resources) => {
        announce(context, resources);
        tellBuild(context, await buildIndex(resources, context.stage));
        await trainRankers(context, resources, force);
      });
    },
  };
}

/** The ranker of recommendations, and the one of searches. */
async function trainRankers(context: CommandContext, resources: BuildResources, force: boolean): Promise<void> {
  tellRanker(context, await trainRanker(resources, context.stage, { force }));
  tellSearchRanker(context, await trainSearchRanker(resources, context.stage, { force }));
}

type Teller = Pick<CommandContext, 'print'>;

function announce({ print }: Teller, { training }: BuildResources): void {
  print(`training on TensorFlow.js ${training.backend}: ${training.why}`);
}

function tellBuild({ print }: Teller, { manifest, published }: BuildOutcome): void {
  const { version, counts } = manifest;
  print(
    published
      ? `published ${version}: ${counts.items} items, ${counts.actions} actions of ${counts.users} people`
      : `${version} is up to date`,
  );
}

function tellRanker({ print }: Teller, { manifest, published, decision }: RankerOutcome): void {
  if (decision !== undefined) print(decision.reason);
  if (published) print(`published ${manifest.version} with ranker ${manifest.ranker?.id}`);
  else if (manifest.ranker === null) print(`${manifest.version} serves on without a ranker, in the order of retrieval`);
  else print(`${manifest.version} serves on with ranker ${manifest.ranker.id}`);
}

function tellSearchRanker({ print }: Teller, { manifest, published, decision }: RankerOutcome): void {
  if (decision !== undefined) print(decision.reason);
  if (published) {
    const { searchRanker } = manifest;
    print(`published ${manifest.version} with search ranker ${searchRanker?.id}, taught by ${searchRanker?.taughtBy}`);
  } else if (manifest.searchRanker === null) print('searches go on in the order of the untrained relevance');
  else print(`searches go on with ranker ${manifest.searchRanker.id}`);
}
