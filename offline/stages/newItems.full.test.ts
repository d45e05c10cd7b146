import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createExactIndex } from '../../src/adapters/hnsw/exactIndex.ts';
import { trainingBackend } from '../../src/adapters/tfjs/backend.ts';
import { createEmbedderTrainer } from '../../src/adapters/tfjs/embedderTrainer.ts';
import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import { silentProgress } from '../../src/cli/progress.ts';
import { configSchema } from '../../src/config/schema.ts';
import type { Query } from '../../src/domain/pipeline.ts';
import { createPlanner } from '../../src/filters/planner.ts';
import { createEmbedder } from '../../src/retrieval/embedder.ts';
import { interactionsBuilder } from '../../src/retrieval/interactions.ts';
import { retrieve } from '../../src/retrieval/retrieve.ts';
import { createSources } from '../../src/retrieval/sources/index.ts';
import { vectorEntries } from '../../src/retrieval/vectorEntries.ts';
import { trainRetrieval } from './trainRetrieval.ts';

const FOLDER = join(import.meta.dirname, '../../../shared/data/amazon-toys-s3rec');
const K = 200;
const noBindings = { user: {}, request: { route: 'recommend', scenario: '', context: {} }, now: 0 };
const blank: Query = {
  requestId: 'r',
  route: 'recommend',
  userFields: {},
  history: [],
  limit: K,
  excludeSeen: true,
  context: {},
  now: 0,
  featureTime: 0,
};

/** Lines of "user item item …" in time order, and each item's category ids. */
function readToys() {
  const histories = readFileSync(join(FOLDER, 'sequences.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().split(' ').slice(1));
  const attributes = z
    .record(z.string(), z.array(z.number()))
    .parse(JSON.parse(readFileSync(join(FOLDER, 'item2attributes.json'), 'utf8')));
  return { histories, attributes };
}

test('items that are hidden from training and put live afterwards become candidates', async (context) => {
  if (!existsSync(FOLDER)) {
    console.warn(`not tested on real data: there is no ${FOLDER}`);
    context.skip();
  }
  const { histories, attributes } = readToys();
  const ids = [...new Set(histories.flat())];
  const isHidden = (index: number) => (Math.imul(index + 1, 0x9e3779b1) >>> 0) % 10 === 0;
  const known = ids.filter((_, i) => !isHidden(i));
  const hidden = ids.filter((_, i) => isHidden(i));
  const ordinals = new Map([...known, ...hidden].map((id, ordinal) => [id, ordinal]));
  const item = (id: string) => ({ id, fields: { categories: (attributes[id] ?? []).map(String) } });
  const builder = interactionsBuilder({ click: 1 });
  for (const [u, history] of histories.entries()) {
    for (const [time, id] of history.slice(0, -1).entries()) {
      const ordinal = ordinals.get(id)!;
      if (ordinal < known.length) builder.add({ actor: `user:${u}`, item: ordinal, time, type: 'click' });
    }
  }
  const config = configSchema.parse({
    dataset: { items: { source: 'none', id: 'id' } },
    fields: { categories: { type: 'categories' } },
    training: { epochs: 4, dimensions: 32 },
  });
  const { fields } = config;
  const { models } = await trainRetrieval({
    config,
    interactions: builder.finish(known.length),
    items: known.map(item),
    trainer: createEmbedderTrainer(await trainingBackend()),
    progress: silentProgress,
  });
  const catalogue = createCatalogue(fields, known.map(item));
  for (const id of hidden) models.learnItem(catalogue.put(item(id)), item(id));
  const planner = createPlanner(catalogue);
  const filtering = { planner, catalogue };
  const behaviourIndex = createExactIndex({ dimensions: models.behaviour!.dimensions, filtering });
  const contentIndex = createExactIndex({ dimensions: models.content.dimensions, filtering });
  const entries = vectorEntries(models, [...known, ...hidden]);
  await behaviourIndex.upsert(entries.behaviour);
  await contentIndex.upsert(entries.content);
  const embedder = createEmbedder(models, (id) => catalogue.ordinal(id))!;
  const sources = createSources({
    models,
    catalogue,
    survivors: (filter) => planner.plan(filter),
    embedder,
    behaviourIndex,
    contentIndex,
  });

  const cases = histories.filter((history) => ordinals.get(history.at(-1)!)! >= known.length).filter((_, i) => i % 3 === 0);
  const found = { candidates: 0, content: 0 };
  for (const history of cases) {
    const past = history.slice(0, -1);
    const target = history.at(-1)!;
    const query = {
      ...blank,
      history: past.map((itemId, at) => ({ itemId, type: 'click', at })),
    };
    const filter = { constraints: [], bindings: noBindings, excluded: new Set(past) };
    const { candidates } = await retrieve({ sources, catalogue, deadline: 60_000 }, query, filter, K);
    if (candidates.some(({ id }) => id === target)) found.candidates++;
    const content = models.content.query(past.map((id) => ordinals.get(id)!));
    const alike = content === undefined ? [] : await contentIndex.search(content, K, filter);
    if (alike.some(({ id }) => id === target)) found.content++;
  }
  const recall = { candidates: found.candidates / cases.length, content: found.content / cases.length, random: K / ids.length };
  console.info(`Recall@${K} of ${cases.length} interactions with hidden items: ${JSON.stringify(recall)}`);
  expect(recall.candidates).toBeGreaterThan(10 * recall.random);
  expect(recall.candidates).toBeGreaterThan(recall.content);
}, 1_800_000);
