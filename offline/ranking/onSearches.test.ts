import { expect, it } from 'vitest';
import { createTextIndex } from '../../src/adapters/text/textIndex.ts';
import { trainingBackend } from '../../src/adapters/tfjs/backend.ts';
import { createTfjsRanker } from '../../src/adapters/tfjs/ranker.ts';
import { createRankerTrainer } from '../../src/adapters/tfjs/rankerTrainer.ts';
import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import { silentProgress } from '../../src/cli/progress.ts';
import { configSchema } from '../../src/config/schema.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { QueryMemory } from '../../src/features/queryMemory.ts';
import { createPlanner } from '../../src/filters/planner.ts';
import { rank } from '../../src/ranking/rank.ts';
import { createSearchVectoriser } from '../../src/ranking/vectoriser.ts';
import { interactionsBuilder } from '../../src/retrieval/interactions.ts';
import { createHybridSearch } from '../../src/text/hybridSearch.ts';
import { trainOnSearches } from './onSearches.ts';
import { createFind, judgedLists } from './searchLists.ts';
import { quickModels } from './testing.ts';

const COLOURS = ['red', 'blue', 'green', 'grey', 'pink', 'white'];
const THINGS = ['lamp', 'chair', 'table', 'sofa', 'shelf', 'mirror', 'carpet', 'vase', 'clock', 'bed'];

/** A shop whose titles say everything twice, where people mean the things of this year. */
function shop() {
  const random = seededRandom(4);
  const fields = { title: { type: 'text' }, year: { type: 'number' } };
  const config = configSchema.parse({ dataset: { items: { source: 'x.csv', id: 'id' } }, fields });
  const items = THINGS.flatMap((thing) =>
    COLOURS.flatMap((colour) =>
      [0, 1, 2, 3].map((n) => ({
        id: `${colour}-${thing}-${n}`,
        fields: { title: `${colour} ${thing} ${'abcd'[n]}`, year: 1990 + Math.floor(30 * random()) },
      })),
    ),
  );
  const catalogue = createCatalogue(config.fields, items);
  const planner = createPlanner(catalogue);
  const lexical = createTextIndex({ catalogue, planner, config: config.search });
  const search = createHybridSearch({ catalogue, planner, lexical, deadline: 1000 });
  const judgments = THINGS.flatMap((thing) =>
    COLOURS.slice(0, 4).flatMap((colour) =>
      items
        .filter(({ id }) => id.startsWith(`${colour}-${thing}`))
        .map(({ id, fields: { year } }) => ({ query: `${colour} ${thing}`, item: id, grade: year > 2005 ? 2 : 0 })),
    ),
  );
  return { config, catalogue, search, judgments, models: quickModels(interactionsBuilder({}).finish(items.length)) };
}

it('learns from judged queries what the words alone do not say, and serves what it learned', async () => {
  const { config, catalogue, search, judgments, models } = shop();
  const lists = await judgedLists(judgments, { find: createFind({ search, catalogue }), at: 0 });
  const trainer = createRankerTrainer(await trainingBackend({ prefer: 'wasm' }));
  const inputs = { models, catalogue, fields: config.fields, weights: {} };
  const trained = await trainOnSearches({ judged: lists, inputs, trainer, seed: 1, progress: silentProgress });
  const mean = (values: readonly number[] = []): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(trained?.judged?.ranked)).toBeGreaterThan(mean(trained?.judged?.before) + 0.1);

  const model = trained!.model;
  const vectoriser = createSearchVectoriser(
    { ...inputs, statistics: model.statistics ?? undefined },
    new QueryMemory(model.memory),
  );
  expect(vectoriser.hash).toBe(model.featuresHash);
  const ranker = await createTfjsRanker(model);
  const firsts = await Promise.all(
    lists.map(async ({ context }) => (await rank({ vectoriser, searches: { vectoriser, ranker } }, context))[0]!.item),
  );
  expect(mean(firsts.map(({ fields }) => Number(Number(fields['year']) > 2005)))).toBeGreaterThan(0.6);
  const [explained] = await rank({ vectoriser, searches: { vectoriser, ranker } }, lists[0]!.context, { explain: 'all' });
  expect(Object.keys(explained?.contributions ?? {})).toContain('number.year');
  ranker.dispose();
});

it('leaves searches alone where few queries are judged', async () => {
  const { config, catalogue, search, judgments, models } = shop();
  const lists = await judgedLists(judgments.slice(0, 40), { find: createFind({ search, catalogue }), at: 0 });
  const trainer = createRankerTrainer(await trainingBackend({ prefer: 'wasm' }));
  const inputs = { models, catalogue, fields: config.fields, weights: {} };
  expect(await trainOnSearches({ judged: lists, inputs, trainer, seed: 1, progress: silentProgress })).toBeUndefined();
});
