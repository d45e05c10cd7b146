import { createExactIndex } from '../../../src/adapters/hnsw/exactIndex.ts';
import { createTextIndex } from '../../../src/adapters/text/textIndex.ts';
import { createCatalogue } from '../../../src/catalogue/createCatalogue.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { seededRandom } from '../../../src/domain/random.ts';
import type { ItemFilter } from '../../../src/filters/itemFilter.ts';
import { createPlanner } from '../../../src/filters/planner.ts';
import type { TextEncoder } from '../../../src/ports/models.ts';
import { createHybridSearch, type Semantic } from '../../../src/text/hybridSearch.ts';
import { itemText } from '../../../src/text/itemText.ts';
import type { Collection } from './cranfield.ts';
import { ndcg, recall } from './gradedMetrics.ts';
import { slip } from './titles.ts';

export interface Measured {
  readonly ndcg: number;
  readonly recall: number;
}

const EVERYTHING: ItemFilter = {
  constraints: [],
  bindings: { user: {}, request: { route: 'search', scenario: '', context: {} }, now: 0 },
  excluded: new Set(),
};
const CANDIDATES = 200;

/** The same queries, each with a slip. */
export function typos(collection: Collection, seed: number): Collection {
  const random = seededRandom(seed);
  return { ...collection, queries: collection.queries.map((query) => ({ ...query, text: slip(query.text, random) })) };
}

/** Figures of each query, through the very search that serves, with the defaults a new user has (a title boosted by 3). */
export async function measureRelevance({ items, queries }: Collection, encoder: TextEncoder | undefined): Promise<Measured[]> {
  const config = configSchema.parse({
    dataset: { items: { source: 'items.csv', id: 'id' } },
    fields: { title: { type: 'text', searchBoost: 3 }, text: { type: 'text' } },
  });
  const catalogue = createCatalogue(config.fields, items);
  const planner = createPlanner(catalogue);
  const lexical = createTextIndex({ catalogue, planner, config: config.search });
  let semantic: Semantic | undefined;
  if (encoder !== undefined) {
    const index = createExactIndex({ dimensions: encoder.dimensions, filtering: { planner, catalogue } });
    const vectors = await encoder.embed(items.map((item) => itemText(item, config.fields)));
    await index.upsert(items.flatMap(({ id }, i) => (vectors[i] === undefined ? [] : [{ id, vector: vectors[i] }])));
    semantic = { encoder, index };
  }
  const search = createHybridSearch({
    catalogue,
    planner,
    lexical,
    deadline: 60_000,
    ...(semantic === undefined ? {} : { semantic }),
  });
  const measured: Measured[] = [];
  for (const { text, grades } of queries) {
    const ranked = (await search(text, EVERYTHING, CANDIDATES)).candidates.map(({ id }) => id);
    measured.push({ ndcg: ndcg(ranked, grades, 10), recall: recall(ranked, grades, 100) });
  }
  return measured;
}
