import { join } from 'node:path';
import type { StageRunner } from '../src/cli/stages.ts';
import { type Tuned, writeTuned } from '../src/config/tuned.ts';
import { UserError } from '../src/domain/errors.ts';
import { chooseEmbedderSettings, hiddenFor } from '../src/retrieval/chooseSettings.ts';
import { encodeCatalogue } from '../src/retrieval/contentEncoder.ts';
import { holdOutLast } from '../src/retrieval/heldOut.ts';
import { toSequences } from '../src/retrieval/interactions.ts';
import { beforeMoments } from './ranking/interactionLists.ts';
import type { BuildResources } from './resources.ts';
import { outcomeOf, runStages } from './stageGraph.ts';
import { importStage, readPositions } from './stages/importStage.ts';
import { itemsStage } from './stages/itemsStage.ts';
import { textStage } from './stages/textStage.ts';
import { readTrainingSet } from './stages/trainingSet.ts';
import { embedderQuality, QUALITY } from './tuning/embedderQuality.ts';
import { searchSettings, type Trial } from './tuning/searchSettings.ts';

/** Fewer held-out actions than this cannot tell one setting from another. */
const FEWEST_CASES = 50;

/**
 * Searches the settings of the embedding model that matter most on held-out last actions and writes the best, with what it was
 * compared with, into the workspace, where the next build finds it.
 * @throws UserError where the log is too small to compare on
 */
export async function tune(
  resources: BuildResources,
  show: StageRunner,
  { minutes, signal }: { readonly minutes: number; readonly signal: AbortSignal },
): Promise<{ path: string; tuned: Tuned; first: Trial; best: Trial }> {
  const { config, embedderTrainer, clock } = resources;
  const folder = join(config.workspace, 'cache', 'stages');
  const outcomes = await runStages([importStage, itemsStage, textStage], resources, folder, show);
  const input = (name: string): string => outcomeOf(outcomes, name).folder;
  const set = await readTrainingSet(resources, input, await readPositions(input(importStage.name)));
  // The last item of all is left to `evaluate`.
  const held = holdOutLast(beforeMoments(set.interactions, 1));
  if (held.cases.length < FEWEST_CASES) {
    throw new UserError(
      `there is too little to tune by: of ${set.interactions.items.length} actions ${held.cases.length} can be held out, at least ${FEWEST_CASES} are needed`,
    );
  }
  const { content } = encodeCatalogue(config.fields, set.items, set.textVectors);
  const chosen = chooseEmbedderSettings(config.training, toSequences(held.rest), set.items.length);
  const { dimensions, historyLength, epochs, dropout } = chosen;
  const until = clock() + 60_000 * minutes;
  let found: Awaited<ReturnType<typeof searchSettings>> | undefined;
  await show('Tuning', async (progress) => {
    progress.note(`${QUALITY}; ${held.cases.length} of them, ${minutes} minutes`);
    found = await searchSettings(
      { dimensions, historyLength, epochs, dropout },
      {
        now: clock,
        until,
        measure: async (training) => {
          signal.throwIfAborted();
          const settings = { ...chosen, ...training, hidden: hiddenFor(training.dimensions) };
          return embedderQuality(held, content, settings, embedderTrainer, progress);
        },
        onTrial: (trial, best) => progress.note(`${describe(trial)}${trial === best ? ', the best so far' : ''}`),
      },
    );
    return 'ran';
  });
  if (found === undefined) throw new Error('the search did not run');
  const { best, trials } = found;
  const tuned: Tuned = {
    training: best.training,
    evidence: {
      measuredAt: new Date(clock()).toISOString(),
      backend: embedderTrainer.backend,
      cases: held.cases.length,
      metric: QUALITY,
      trials,
    },
  };
  return { path: await writeTuned(config.workspace, tuned), tuned, first: trials[0] ?? best, best };
}

export const describe = ({ training, quality, seconds }: Trial): string =>
  `${Object.entries(training)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}: ${quality.toFixed(4)} in ${seconds.toFixed(0)} s`;
