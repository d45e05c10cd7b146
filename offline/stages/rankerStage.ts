import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import type { EnrichedEvent } from '../../src/domain/event.ts';
import { readEvents } from '../../src/loop/readEvents.ts';
import type { EventLog, LogPosition } from '../../src/ports/eventLog.ts';
import { writeRanker } from '../../src/ranking/rankerModel.ts';
import { readRetrieval } from '../../src/retrieval/storage.ts';
import type { BuildResources } from '../resources.ts';
import { type Stage, writeOutput } from '../stageGraph.ts';
import { readChampion } from './champion.ts';
import { writeHeldOut } from './heldOut.ts';
import { readPositions } from './importStage.ts';
import { createProposer } from './stageOne.ts';
import { readTrainingSet } from './trainingSet.ts';
import { trainRanker } from './trainRanker.ts';
import { trainRetrieval } from './trainRetrieval.ts';

/**
 * Stage two, fitted on what was shown and done. The retrieval it learns against is trained for it on earlier parts of the
 * log, so that no row knows what it is to predict; the served retrieval gives it its settings.
 */
export const rankerStage: Stage<BuildResources> = {
  name: 'ranker',
  title: 'Ranker',
  needs: ['log', 'items', 'text-vectors', 'retrieval', 'champion'],
  version: 15,
  parameters: ({ config, rankerTrainer }) => ({
    training: { ...config.training },
    eventTypes: { ...config.eventTypes },
    userFields: { ...config.userFields },
    loop: { ...config.loop },
    candidates: config.serving.candidates,
    backend: rankerTrainer.backend,
  }),
  async run({ resources, input, output, progress }) {
    const { config, log, embedderTrainer, rankerTrainer } = resources;
    const positions = await readPositions(input('log'));
    const set = await readTrainingSet(resources, input, positions);
    const previous = await readRetrieval(input('retrieval'));
    const catalogue = createCatalogue(config.fields, set.items);
    const champion = await readChampion(input('champion'), 'ranker', progress);
    const trained = await trainRanker({
      config,
      catalogue,
      interactions: set.interactions,
      events: () => eventsOf(log, positions['enriched-events']),
      trainStageOne: async (interactions, stageProgress) => {
        const { items, textVectors } = set;
        const earlier = { config, interactions, items, textVectors, trainer: embedderTrainer, progress: stageProgress, previous };
        const { models } = await trainRetrieval(earlier);
        return { models, propose: createProposer(models, catalogue) };
      },
      trainer: rankerTrainer,
      ...(champion === undefined ? {} : { champion }),
      progress,
    });
    if (trained === undefined) {
      progress.note('there is nothing to learn an order from yet: lists keep the order of retrieval');
      return writeOutput(output, { ranker: null });
    }
    await writeRanker(output, trained.model);
    const {
      window,
      lists,
      times,
      ranked,
      before,
      champion: byChampion = null,
      counterfactual,
      split,
      results,
      retrieved,
    } = trained.validation;
    await writeHeldOut(output, { split, results });
    await writeOutput(output, {
      ranker: { id: trained.model.id, columns: trained.model.columns, featuresHash: trained.model.featuresHash },
      learnedUntil: newest(set.interactions.times),
      retrieved: retrieved.map((result) => ({ ...result })),
      validation: { window, lists, times, ranked, before, champion: byChampion, counterfactual: counterfactual ?? null },
    });
  },
};

/** The log's events as training may see them, one by one. */
async function* eventsOf(log: EventLog, to: LogPosition): AsyncGenerator<EnrichedEvent> {
  for await (const batch of readEvents(log, { to })) yield* batch;
}

function newest(times: Float64Array): number {
  let latest = 0;
  for (const time of times) if (time > latest) latest = time;
  return latest;
}
