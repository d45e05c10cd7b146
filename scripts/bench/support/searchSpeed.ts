import { createTextIndex } from '../../../src/adapters/text/textIndex.ts';
import { createCatalogue } from '../../../src/catalogue/createCatalogue.ts';
import { fieldDefinitionSchema } from '../../../src/config/schema.ts';
import { createPlanner } from '../../../src/filters/planner.ts';
import { quantile } from '../report.ts';
import { type Times, timed } from './timed.ts';
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

type Timing = Readonly<Record<keyof Times, { readonly p50: number; readonly p99: number }>>;

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
  const thread: number[] = [];
  for (const [i, query] of queries.entries()) {
    const taken = await timed(() => ask(query));
    if (i < WARM_UP) continue;
    wall.push(taken.wall);
    thread.push(taken.thread);
  }
  return { wall: quantiles(wall), thread: quantiles(thread) };
}

function quantiles(times: number[]): { p50: number; p99: number } {
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
