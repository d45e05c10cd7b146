import type { BuildResources } from '../resources.ts';
import { type Stage, writeOutput } from '../stageGraph.ts';
import { readPositions } from './importStage.ts';
import { readTrainingSet } from './trainingSet.ts';
import { trainRetrieval } from './trainRetrieval.ts';

/** Embedding model, co-visitation, popularity and content vectors, fitted on everything the log holds. */
export const retrievalStage: Stage<BuildResources> = {
  name: 'retrieval',
  title: 'Embedding model',
  needs: ['import', 'items', 'text-vectors'],
  version: 6,
  parameters: ({ config, embedderTrainer }) => ({
    training: { ...config.training },
    eventTypes: { ...config.eventTypes },
    backend: embedderTrainer.backend,
  }),
  async run({ resources, input, output, progress }) {
    const { config, embedderTrainer } = resources;
    const positions = await readPositions(input('import'));
    const set = await readTrainingSet(resources, input, positions);
    const trained = await trainRetrieval({ config, ...set, trainer: embedderTrainer, progress });
    await trained.save(output);
    const { actors, items } = set.interactions;
    const embedder = trained.models.behaviour;
    await writeOutput(output, {
      users: actors.length,
      actions: items.length,
      backend: trained.backend,
      embedder: embedder === undefined ? null : { id: embedder.id, dimensions: embedder.dimensions },
    });
  },
};
