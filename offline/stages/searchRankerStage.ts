import { z } from 'zod';
import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import { writeRanker } from '../../src/ranking/rankerModel.ts';
import { loadRetrieval } from '../../src/retrieval/load.ts';
import { readJudgments } from '../dataset/judgments.ts';
import { trainOnSearches } from '../ranking/onSearches.ts';
import { judgedLists } from '../ranking/searchLists.ts';
import type { BuildResources } from '../resources.ts';
import { readOutput, type Stage, writeOutput } from '../stageGraph.ts';
import { readItems } from './trainingSet.ts';

const judgmentsOutput = z.array(z.tuple([z.string(), z.string(), z.number()]));

/** The judgments file as it is now. */
export const judgmentsStage: Stage<BuildResources> = {
  name: 'judgments',
  title: 'Judgments',
  needs: [],
  version: 1,
  always: true,
  parameters: () => null,
  async run({ resources: { config, tables }, output }) {
    const judgments = await readJudgments(config, tables);
    await writeOutput(
      output,
      judgments.map(({ query, item, grade }) => [query, item, grade]),
    );
  },
};

/** How texts are answered, learned from judged queries over the served catalogue, words and meaning. */
export const searchRankerStage: Stage<BuildResources> = {
  name: 'search-ranker',
  title: 'Search ranker',
  needs: ['judgments', 'items', 'retrieval'],
  version: 1,
  parameters: ({ config, rankerTrainer }) => ({
    search: { ...config.search },
    fields: { ...config.fields },
    seed: config.training.seed,
    backend: rankerTrainer.backend,
  }),
  async run({ resources, inputs, output, progress }) {
    const { config, rankerTrainer, openSearch } = resources;
    const judgments = judgmentsOutput
      .parse(await readOutput(inputs['judgments'] ?? ''))
      .map(([query, item, grade]) => ({ query, item, grade }));
    const items = await readItems(inputs['items'] ?? '');
    const catalogue = createCatalogue(config.fields, items);
    const search = await openSearch(catalogue, inputs['retrieval'] ?? '');
    const onList = (done: number, of: number): void => progress.update(done, of, 'judged queries searched for');
    const trained = await trainOnSearches({
      lists: await judgedLists(judgments, { search, catalogue, onList }),
      inputs: { models: await loadRetrieval(inputs['retrieval'] ?? ''), catalogue, fields: config.fields, weights: {} },
      trainer: rankerTrainer,
      seed: config.training.seed,
      progress,
    });
    if (trained === undefined) return writeOutput(output, { ranker: null });
    const { model, ranked, before } = trained;
    await writeRanker(output, model, 'search-ranker');
    await writeOutput(output, {
      ranker: { id: model.id, featuresHash: model.featuresHash },
      validation: { ranked: [...ranked], before: [...before] },
    });
  },
};
