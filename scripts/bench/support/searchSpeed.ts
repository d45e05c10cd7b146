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
  readonly search: Timing;
  readonly suggest: Timing;
}

/** Milliseconds, by the wall clock and of the processor: on a busy machine only the latter says something. */
interface Timing {
  readonly wall: { readonly p50: number; readonly p99: number };
  readonly processor: { readonly p50: number; readonly p99: number };
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
  return {
    buildSeconds: (user + system) / 1e6,
    megabytes,
    queries: QUERIES,
    search: await time(queries, (query) => index.search(query, 10)),
    suggest: await time(queries, (query) => index.suggest(query.slice(0, 6), 8)),
  };
}

async function time(queries: readonly string[], ask: (query: string) => Promise<unknown>): Promise<Timing> {
  const wall: number[] = [];
  const processor: number[] = [];
  for (const [i, query] of queries.entries()) {
    const started = performance.now();
    const before = process.cpuUsage();
    await ask(query);
    const { user, system } = process.cpuUsage(before);
    if (i < WARM_UP) continue;
    wall.push(performance.now() - started);
    processor.push((user + system) / 1000);
  }
  return { wall: quantiles(wall), processor: quantiles(processor) };
}

function quantiles(times: number[]): { p50: number; p99: number } {
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
