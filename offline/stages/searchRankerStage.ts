import { z } from 'zod';
import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import { eventWeights } from '../../src/config/eventWeights.ts';
import { entityKey } from '../../src/domain/state.ts';
import { writeRanker } from '../../src/ranking/rankerModel.ts';
import { loadRetrieval } from '../../src/retrieval/load.ts';
import { readJudgments } from '../dataset/judgments.ts';
import { trainOnSearches } from '../ranking/onSearches.ts';
import { createFind, judgedLists } from '../ranking/searchLists.ts';
import type { BuildResources } from '../resources.ts';
import { readOutput, type Stage, writeOutput } from '../stageGraph.ts';
import { readChampion } from './champion.ts';
import { readClickLog, readSearchLog } from './searchLogStage.ts';
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

/** How texts are answered, learned from judged queries and clicked searches over the served catalogue, words and meaning. */
export const searchRankerStage: Stage<BuildResources> = {
  name: 'search-ranker',
  title: 'Search ranker',
  needs: ['judgments', 'search-log', 'items', 'retrieval', 'search-champion'],
  version: 2,
  parameters: ({ config, rankerTrainer }) => ({
    search: { ...config.search },
    fields: { ...config.fields },
    eventTypes: { ...config.eventTypes },
    window: config.loop.attributionWindowMinutes,
    seed: config.training.seed,
    backend: rankerTrainer.backend,
  }),
  async run({ resources, input, output, progress }) {
    const { config, rankerTrainer, openSearch, store, clock, log } = resources;
    const judgments = judgmentsOutput
      .parse(await readOutput(input('judgments')))
      .map(([query, item, grade]) => ({ query, item, grade }));
    const positions = await readSearchLog(input('search-log'));
    if (judgments.length === 0 && positions === undefined) return writeOutput(output, { ranker: null });
    const items = await readItems(input('items'));
    const catalogue = createCatalogue(config.fields, items);
    const find = createFind({ search: await openSearch(catalogue, input('retrieval')), catalogue });
    const featureTime = await store.getMeta('featureTime');
    const judged = await judgedLists(judgments, {
      find,
      statesOf: (candidates) => store.getMany(candidates.map(({ id }) => entityKey('item', id))),
      at: typeof featureTime === 'number' ? featureTime : clock(),
      onList: (done, of) => progress.update(done, of, 'judged queries searched for'),
    });
    const events = positions === undefined ? undefined : await readClickLog(log, positions);
    const weights = eventWeights(config);
    const champion = await readChampion(input('search-champion'), 'search-ranker', progress);
    const trained = await trainOnSearches({
      judged,
      ...(events === undefined ? {} : { clicks: { config, catalogue, events, find } }),
      inputs: { models: await loadRetrieval(input('retrieval')), catalogue, fields: config.fields, weights },
      trainer: rankerTrainer,
      ...(champion === undefined ? {} : { champion }),
      seed: config.training.seed,
      progress,
    });
    if (trained === undefined) return writeOutput(output, { ranker: null });
    const { model, judged: byJudges, clicked } = trained;
    await writeRanker(output, clicked === undefined ? model : { ...model, counted: positions }, 'search-ranker');
    const learnedUntil = clicked?.times.at(-1) ?? 0;
    await writeOutput(output, {
      ranker: { id: model.id, featuresHash: model.featuresHash, taughtBy: model.taughtBy, learnedUntil },
      ...(byJudges === undefined ? {} : { judged: { ranked: [...byJudges.ranked], before: [...byJudges.before] } }),
      ...(clicked === undefined
        ? {}
        : {
            clicked: {
              ranked: [...clicked.ranked],
              before: [...clicked.before],
              champion: clicked.champion === undefined ? null : [...clicked.champion],
              times: [...clicked.times],
            },
          }),
    });
  },
};
