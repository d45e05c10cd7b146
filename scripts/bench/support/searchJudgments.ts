import { trainOnSearches } from '../../../offline/ranking/onSearches.ts';
import { judgedLists } from '../../../offline/ranking/searchLists.ts';
import { trainRetrieval } from '../../../offline/stages/trainRetrieval.ts';
import { createExactIndex } from '../../../src/adapters/hnsw/exactIndex.ts';
import { createTextIndex } from '../../../src/adapters/text/textIndex.ts';
import { trainingBackend } from '../../../src/adapters/tfjs/backend.ts';
import { createEmbedderTrainer } from '../../../src/adapters/tfjs/embedderTrainer.ts';
import { createRankerTrainer } from '../../../src/adapters/tfjs/rankerTrainer.ts';
import { createCatalogue } from '../../../src/catalogue/createCatalogue.ts';
import { silentProgress } from '../../../src/cli/progress.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { seededRandom } from '../../../src/domain/random.ts';
import { type PairedEstimate, pairedEstimate } from '../../../src/evaluation/bootstrap.ts';
import { createPlanner } from '../../../src/filters/planner.ts';
import type { TextEncoder } from '../../../src/ports/models.ts';
import { interactionsBuilder } from '../../../src/retrieval/interactions.ts';
import { createHybridSearch } from '../../../src/text/hybridSearch.ts';
import { itemText } from '../../../src/text/itemText.ts';
import type { Collection } from './cranfield.ts';

export interface LearnedRelevance {
  /** NDCG@10 of each query by a ranker that the other four fifths of the queries taught. */
  readonly ranked: readonly number[];
  /** The same of the untrained relevance. */
  readonly before: readonly number[];
  readonly difference: PairedEstimate;
}

/** What judgments teach, cross-validated by query through the very training of `train-ranker`. */
export async function learnedRelevance({ items, queries }: Collection, encoder: TextEncoder): Promise<LearnedRelevance> {
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
  const nothingDone = interactionsBuilder({}).finish(items.length);
  const trainer = createEmbedderTrainer(backend);
  const stageOne = await trainRetrieval({
    config,
    interactions: nothingDone,
    items,
    textVectors,
    trainer,
    progress: silentProgress,
  });
  const judgments = queries.flatMap(({ text, grades }) => [...grades].map(([item, grade]) => ({ query: text, item, grade })));
  const trained = await trainOnSearches({
    lists: await judgedLists(judgments, { search, catalogue }),
    inputs: { models: stageOne.models, catalogue, fields: config.fields, weights: {} },
    trainer: createRankerTrainer(backend),
    seed: 1,
    progress: silentProgress,
  });
  if (trained === undefined) throw new Error('the collection judges too few queries to learn from');
  const { ranked, before } = trained;
  return { ranked, before, difference: pairedEstimate(ranked, before, seededRandom(1)) };
}
