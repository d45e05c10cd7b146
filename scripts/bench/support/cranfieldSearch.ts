import { trainRetrieval } from '../../../offline/stages/trainRetrieval.ts';
import { createExactIndex } from '../../../src/adapters/hnsw/exactIndex.ts';
import { createTextIndex } from '../../../src/adapters/text/textIndex.ts';
import { trainingBackend } from '../../../src/adapters/tfjs/backend.ts';
import { createEmbedderTrainer } from '../../../src/adapters/tfjs/embedderTrainer.ts';
import { createRankerTrainer } from '../../../src/adapters/tfjs/rankerTrainer.ts';
import { createCatalogue } from '../../../src/catalogue/createCatalogue.ts';
import { silentProgress } from '../../../src/cli/progress.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { createPlanner } from '../../../src/filters/planner.ts';
import type { TextEncoder } from '../../../src/ports/models.ts';
import { interactionsBuilder } from '../../../src/retrieval/interactions.ts';
import { createHybridSearch } from '../../../src/text/hybridSearch.ts';
import { itemText } from '../../../src/text/itemText.ts';
import type { Collection } from './cranfield.ts';

/** The search of a collection nobody has touched, with what a ranker of searches is trained with. */
export async function collectionSearch({ items }: Collection, encoder: TextEncoder) {
  const config = configSchema.parse({
    dataset: { items: { source: 'items.csv', id: 'id' } },
    fields: { title: { type: 'text', searchBoost: 3 }, text: { type: 'text' } },
  });
  const catalogue = createCatalogue(config.fields, items);
  const planner = createPlanner(catalogue);
  const lexical = createTextIndex({ catalogue, planner, config: config.search });
  const textVectors = await encoder.embed(items.map((item) => itemText(item, config.fields)));
  const index = createExactIndex({ dimensions: encoder.dimensions, filtering: { planner, catalogue } });
  await index.upsert(items.flatMap(({ id }, i) => (textVectors[i] === undefined ? [] : [{ id, vector: textVectors[i] }])));
  const search = createHybridSearch({ catalogue, planner, lexical, deadline: 60_000, semantic: { encoder, index } });
  const backend = await trainingBackend({ prefer: 'wasm' });
  const { models } = await trainRetrieval({
    config,
    interactions: interactionsBuilder({}).finish(items.length),
    items,
    textVectors,
    trainer: createEmbedderTrainer(backend),
    progress: silentProgress,
  });
  return {
    config,
    catalogue,
    search,
    trainer: createRankerTrainer(backend),
    inputs: { models, catalogue, fields: config.fields, weights: { click: 1 } },
  };
}
