import { createTextIndex } from '../../../src/adapters/text/textIndex.ts';
import { createCatalogue } from '../../../src/catalogue/createCatalogue.ts';
import { fieldDefinitionSchema } from '../../../src/config/schema.ts';
import { createPlanner } from '../../../src/filters/planner.ts';
import { quantile } from '../report.ts';
import { madeUpQueries, madeUpTitles } from './titles.ts';

export interface Speed {
  /** Processor time of building the index. */
  readonly buildSeconds: number;
  /** Resident memory that came with the index. */
  readonly megabytes: number;
  readonly queries: number;
  /** Milliseconds by the wall clock. */
  readonly p50: number;
  readonly p99: number;
  readonly suggestP50: number;
  readonly suggestP99: number;
}

const WARM_UP = 300;
const QUERIES = 2000;

/** Builds a lexical index of made-up titles and asks it one query after another. */
export async function measureSpeed(count: number, seed: number): Promise<Speed> {
  const titles = madeUpTitles(count, seed);
  const queries = madeUpQueries(titles, WARM_UP + QUERIES, seed + 1);
  const fields = { title: fieldDefinitionSchema.parse({ type: 'text' }) };
  const catalogue = createCatalogue(
    fields,
    titles.map((title, i) => ({ id: `item-${i}`, fields: { title } })),
  );
  const planner = createPlanner(catalogue);
  const before = process.memoryUsage().rss;
  const started = process.cpuUsage();
  const index = createTextIndex({ catalogue, planner, config: { synonyms: [] } });
  const { user, system } = process.cpuUsage(started);
  const megabytes = (process.memoryUsage().rss - before) / 1e6;
  const searches = await time(queries, (query) => index.search(query, 10));
  const completions = await time(queries, (query) => index.suggest(query.slice(0, 6), 8));
  return {
    buildSeconds: (user + system) / 1e6,
    megabytes,
    queries: QUERIES,
    p50: quantile(searches, 0.5),
    p99: quantile(searches, 0.99),
    suggestP50: quantile(completions, 0.5),
    suggestP99: quantile(completions, 0.99),
  };
}

async function time(queries: readonly string[], ask: (query: string) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (const [i, query] of queries.entries()) {
    const started = performance.now();
    await ask(query);
    if (i >= WARM_UP) times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b);
}
