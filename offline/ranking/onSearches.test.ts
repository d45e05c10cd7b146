import { expect, it } from 'vitest';
import { createTextIndex } from '../../src/adapters/text/textIndex.ts';
import { trainingBackend } from '../../src/adapters/tfjs/backend.ts';
import { createRankerTrainer } from '../../src/adapters/tfjs/rankerTrainer.ts';
import { createRanker } from '../../src/adapters/wasm/ranker.ts';
import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import { silentProgress } from '../../src/cli/progress.ts';
import { configSchema } from '../../src/config/schema.ts';
import type { EnrichedEvent } from '../../src/domain/event.ts';
import type { EligibleCandidate } from '../../src/domain/pipeline.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { pairedEstimate } from '../../src/evaluation/bootstrap.ts';
import { QueryMemory } from '../../src/features/queryMemory.ts';
import { emptyStatistics } from '../../src/features/statistics.ts';
import { createPlanner } from '../../src/filters/planner.ts';
import { rank } from '../../src/ranking/rank.ts';
import { createSearchVectoriser } from '../../src/ranking/vectoriser.ts';
import { interactionsBuilder } from '../../src/retrieval/interactions.ts';
import { createHybridSearch } from '../../src/text/hybridSearch.ts';
import { collectClicks } from './clickLists.ts';
import { ndcgOfOrder } from './listMetrics.ts';
import { trainOnSearches } from './onSearches.ts';
import { pastQuery } from './query.ts';
import { createFind, type Find, judgedLists } from './searchLists.ts';
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
        fields: { title: `${colour} ${thing} ${'wxyz'[n]}`, year: 1990 + Math.floor(30 * random()) },
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
  const { ranked = [], before = [] } = trained?.judged ?? {};
  expect(mean(ranked)).toBeGreaterThan(mean(before) + 0.1);

  const model = trained!.model;
  const vectoriser = createSearchVectoriser(
    { ...inputs, statistics: model.statistics ?? undefined },
    new QueryMemory(model.memory),
  );
  expect(vectoriser.hash).toBe(model.featuresHash);
  const ranker = createRanker(model);
  const served = await Promise.all(
    lists.map(async ({ context, text }) =>
      hiddenNdcg(await rank({ vectoriser, searches: { vectoriser, ranker } }, context), text),
    ),
  );
  const untrained = lists.map(({ context, text }) => hiddenNdcg(context.candidates, text));
  expect(pairedEstimate(served, untrained, seededRandom(1)).low).toBeGreaterThan(0);
  const [explained] = await rank({ vectoriser, searches: { vectoriser, ranker } }, lists[0]!.context, { explain: 'all' });
  expect(Object.keys(explained?.contributions ?? {})).toContain('number.year');
});

it('leaves searches alone where few queries are judged', async () => {
  const { config, catalogue, search, judgments, models } = shop();
  const lists = await judgedLists(judgments.slice(0, 40), { find: createFind({ search, catalogue }), at: 0 });
  const trainer = createRankerTrainer(await trainingBackend({ prefer: 'wasm' }));
  const inputs = { models, catalogue, fields: config.fields, weights: {} };
  expect(await trainOnSearches({ judged: lists, inputs, trainer, seed: 1, progress: silentProgress })).toBeUndefined();
});

const wanted = (id: string, fields: { readonly [name: string]: unknown }, query: string): boolean =>
  id.startsWith(query.replace(' ', '-')) && Number(fields['year']) > 2005;

const hiddenNdcg = (order: readonly EligibleCandidate[], query: string): number =>
  ndcgOfOrder(
    [...order.keys()],
    Float32Array.from(order, ({ id, item }) => (wanted(id, item.fields, query) ? 1 : 0)),
  );

/** Searchers go down the first ten for as long as it pleases them, and click what they mean, and now and then something else. */
async function clicksOf(find: Find, searches: number): Promise<EnrichedEvent[]> {
  const random = seededRandom(9);
  const events: EnrichedEvent[] = [];
  for (let n = 0; n < searches; n++) {
    const query = `${COLOURS[n % 4]} ${THINGS[Math.floor(random() * THINGS.length)]}`;
    const shown = (await find(query)).slice(0, 10);
    const [requestId, userId, occurredAt] = [`r${n}`, `u${n % 50}`, 1e12 + n * 60_000];
    const items = shown.map(({ id, match }, i) => ({ id, position: i + 1, score: match?.fused ?? 0 }));
    events.push({ kind: 'impression', id: requestId, requestId, userId, occurredAt, route: 'search', query, items });
    shown.forEach(({ id, item }, place) => {
      if (random() > (place + 1) ** -0.7 || random() > (wanted(id, item.fields, query) ? 0.9 : 0.05)) return;
      events.push({
        kind: 'action',
        id: `${requestId}-${id}`,
        type: 'click',
        itemId: id,
        userId,
        requestId,
        occurredAt: occurredAt + 1,
      });
    });
  }
  return events;
}

it('learns from clicks what searchers mean, for queries nobody searched before, and lets a person move it by a tenth', async () => {
  const { config, catalogue, search, models } = shop();
  const find = createFind({ search, catalogue });
  const events = await clicksOf(find, 500);
  const trainer = createRankerTrainer(await trainingBackend({ prefer: 'wasm' }));
  const inputs = { models, catalogue, fields: config.fields, weights: { click: 1 } };
  const clicks = { config: { ...config, eventTypes: { click: { weight: 1 } } }, catalogue, events, find };
  const trained = await trainOnSearches({ judged: [], clicks, inputs, trainer, seed: 1, progress: silentProgress });
  expect([trained?.model.taughtBy, trained?.judged]).toEqual(['clicks', undefined]);
  const { ranked = [], before = [] } = trained?.clicked ?? {};
  expect(mean(ranked)).toBeGreaterThan(mean(before) + 0.05);

  const { model } = trained!;
  const memory = new QueryMemory(model.memory);
  const vectoriser = createSearchVectoriser({ ...inputs, statistics: model.statistics ?? undefined }, memory);
  const stage = { vectoriser, searches: { vectoriser, ranker: createRanker(model) } };
  const fresh = COLOURS.slice(4).flatMap((colour) => THINGS.map((thing) => `${colour} ${thing}`));
  const learned: number[] = [];
  const untrained: number[] = [];
  for (const text of fresh) {
    const query = pastQuery({ actor: 'session:', history: [], at: 2e12, route: 'search', text });
    const candidates = await find(text);
    const stranger = await rank(stage, { query, history: [], candidates });
    learned.push(hiddenNdcg(stranger, text));
    untrained.push(hiddenNdcg(candidates, text));
    const history = candidates.slice(0, 5).map(({ id }, i) => ({ itemId: id, type: 'click', at: i }));
    const known = new Map(stranger.map(({ id, relevance }) => [id, relevance]));
    for (const { id, relevance } of await rank(stage, { query: { ...query, history }, history, candidates }))
      expect(Math.abs(relevance / known.get(id)! - 1)).toBeLessThan(0.1001);
  }
  expect(pairedEstimate(learned, untrained, seededRandom(1)).low).toBeGreaterThan(0);
}, 240_000);

it('shows a list of the past what was known then: of its query only what came before', async () => {
  const { config, catalogue, search, models } = shop();
  const find = createFind({ search, catalogue });
  const events = await clicksOf(find, 400);
  const statistics = emptyStatistics([]);
  const memory = new QueryMemory();
  const inputs = { models, catalogue, fields: config.fields, weights: { click: 1 }, statistics };
  const vectoriser = createSearchVectoriser(inputs, memory);
  const clicks = { config: { ...config, eventTypes: { click: { weight: 1 } } }, catalogue, events, find };
  const collected = await collectClicks({ ...clicks, progress: silentProgress }, { vectoriser, memory, statistics });
  const { shown, fresh } = collected!.earlier;
  const own = vectoriser.columns.indexOf('clicks.rate');
  const rates = (list: number, { offsets, features }: typeof shown): number[] =>
    Array.from(
      { length: offsets[list + 1]! - offsets[list]! },
      (_, i) => features[(offsets[list]! + i) * vectoriser.columns.length + own]!,
    );
  expect(rates(0, shown).every((rate) => rate === 0)).toBe(true);
  expect(rates(shown.offsets.length - 2, shown).some((rate) => rate > 0)).toBe(true);
  for (let list = 0; list < fresh.offsets.length - 1; list++) expect(rates(list, fresh).every((rate) => rate === 0)).toBe(true);
  const few = { ...clicks, events: events.slice(0, 100), progress: silentProgress };
  expect(await collectClicks(few, { vectoriser, memory: new QueryMemory(), statistics })).toBeUndefined();
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
