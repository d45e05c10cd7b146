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
import { fitProjection, project } from '../../../src/text/projection.ts';
import { searchSettings, semanticSettings } from '../../../src/text/settings.ts';
import type { Collection } from './cranfield.ts';
import { mean, ndcg, recall } from './gradedMetrics.ts';
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

/** What may be chosen on judgments: shares in the score. */
export interface Shares {
  readonly semantic: number;
  readonly grams: number;
}

export interface Variant {
  /** By default those that serve. */
  readonly shares?: Shares;
  /** Text vectors in fewer dimensions, as large catalogues keep them. */
  readonly projected?: boolean;
}

/** Figures of each query, through the very search that serves, with the defaults a new user has (a title boosted by 3). */
export async function measureRelevance(
  { items, queries }: Collection,
  encoder: TextEncoder | undefined,
  { shares, projected = false }: Variant = {},
): Promise<Measured[]> {
  const config = configSchema.parse({
    dataset: { items: { source: 'items.csv', id: 'id' } },
    fields: { title: { type: 'text', searchBoost: 3 }, text: { type: 'text' } },
  });
  const catalogue = createCatalogue(config.fields, items);
  const planner = createPlanner(catalogue);
  const settings = shares === undefined ? searchSettings : { ...searchSettings, gramsDescriptive: shares.grams };
  const lexical = createTextIndex({ catalogue, planner, config: config.search, settings });
  let semantic: Semantic | undefined;
  if (encoder !== undefined) {
    const vectors = await encoder.embed(items.map((item) => itemText(item, config.fields)));
    const projection = projected ? fitProjection(vectors, 0) : undefined;
    const stored = (vector: Float32Array) => (projection === undefined ? vector : project(projection, vector));
    const dimensions = projection?.dimensions ?? encoder.dimensions;
    const index = createExactIndex({ dimensions, filtering: { planner, catalogue } });
    await index.upsert(items.flatMap(({ id }, i) => (vectors[i] === undefined ? [] : [{ id, vector: stored(vectors[i]) }])));
    const embed: TextEncoder['embed'] = async (texts) => (await encoder.embed(texts)).map(stored);
    const own = semanticSettings(encoder.id);
    semantic = {
      encoder: { ...encoder, dimensions, embed },
      index,
      settings: { ...own, weight: shares?.semantic ?? own.weight },
    };
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

const GRID: readonly Shares[] = [0.15, 0.3, 0.45].flatMap((semantic) => [0, 0.15, 0.3].map((grams) => ({ semantic, grams })));

/** NDCG@10 of each half of the queries under the shares that are best on the other half; even places first. */
export async function chosenOnOtherHalf(collection: Collection, encoder: TextEncoder): Promise<readonly [number, number]> {
  const half = (measured: readonly Measured[], rest: number): number =>
    mean(measured.filter((_, i) => i % 2 === rest).map((one) => one.ndcg));
  const figures: (readonly [even: number, odd: number])[] = [];
  for (const shares of GRID) {
    const measured = await measureRelevance(collection, encoder, { shares });
    figures.push([half(measured, 0), half(measured, 1)]);
  }
  const best = (by: 0 | 1) => figures.reduce((a, b) => (b[by] > a[by] ? b : a));
  return [best(1)[0], best(0)[1]];
}
