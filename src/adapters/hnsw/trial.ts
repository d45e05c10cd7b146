import type { Random } from '../../domain/random.ts';
import { Bitset } from '../../filters/bitset.ts';
import { scanAll } from './exactScan.ts';
import { addToGraph, createGraph, type Graph, type GraphParameters, searchGraph } from './hnswIndex.ts';
import type { IndexTable } from './indexTable.ts';

export const QUERIES = 100;

/** A kind of graph, and the widths of search to try on it, ascending. */
export type Rung = Omit<GraphParameters, 'ef'> & { readonly widths: readonly number[] };

interface Demands {
  /** Recall is measured at this many neighbours. */
  readonly k: number;
  readonly minRecall: number;
  /** What may have no more than `minRecall`, at its widest; what comes before it should do better. */
  readonly densest: Rung | undefined;
  readonly seed: number;
}

/** What graphs over a table are measured by. */
interface Trial extends Demands {
  readonly table: IndexTable;
  readonly queries: readonly Float32Array[];
  /** What exact search finds. */
  readonly wanted: readonly BestScores[];
  /** What that takes a query: the median. */
  readonly milliseconds: number;
}

export function createTrial(table: IndexTable, queries: readonly Float32Array[], demands: Demands): Trial {
  table.scanner.prepare();
  const times: number[] = [];
  const wanted = queries.map((query) => {
    const started = performance.now();
    const scores = bestScores(table, query, demands.k);
    times.push(performance.now() - started);
    return scores;
  });
  const milliseconds = times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
  return { ...demands, table, queries, wanted, milliseconds };
}

interface Fitted {
  readonly graph: Graph;
  /** The first width that finds enough; `undefined` where none does. */
  readonly ef: number | undefined;
  /** At that width, or the best of all. */
  readonly recall: number;
}

/** Builds a graph and searches it wider and wider, until it finds enough. */
export async function tryGraph(trial: Trial, step: Rung, onProgress: (done: number) => void): Promise<Fitted> {
  const { table, minRecall } = trial;
  const { widths, ...parameters } = step;
  const graph = createGraph(table.dimensions, table.rows, { ...parameters, ef: 0 }, trial.seed);
  await addToGraph(graph, table, rowNumbers(table.rows), new Bitset(table.rows), onProgress);
  onProgress(table.rows);
  let best = 0;
  for (const ef of widths) {
    const recall = measureRecall(trial, graph, ef);
    best = Math.max(best, recall);
    const isLast = step === trial.densest && ef === widths.at(-1);
    if (recall >= (isLast ? minRecall : Math.max(minRecall, 0.99))) return { graph, ef, recall };
  }
  return { graph, ef: undefined, recall: best };
}

function* rowNumbers(rows: number): Generator<number> {
  for (let row = 0; row < rows; row++) yield row;
}

/** Entries with some noise, so that a query is near the data but none of it. */
export function sampleQueries(table: IndexTable, random: Random): Float32Array[] {
  const { dimensions, rows } = table;
  return Array.from({ length: Math.min(QUERIES, rows) }, () => {
    const one = table.vector(Math.floor(random() * rows));
    const other = table.vector(Math.floor(random() * rows));
    return Float32Array.from({ length: dimensions }, (_, i) => 0.7 * (one[i] ?? 0) + 0.3 * (other[i] ?? 0));
  });
}

interface BestScores {
  readonly count: number;
  readonly most: number;
  /** Score of the last of the exact best. */
  readonly least: number;
}

function bestScores(table: IndexTable, query: Float32Array, k: number): BestScores {
  const best = scanAll(table, query, k, () => true);
  return { count: best.length, most: best[0]?.score ?? 0, least: best.at(-1)?.score ?? 0 };
}

/** Share of the exact best that the graph finds. Where several are equally near the last of them, any of these will do. */
function measureRecall({ table, queries, wanted, k }: Trial, graph: Graph, ef: number): number {
  let found = 0;
  let all = 0;
  queries.forEach((query, i) => {
    const { count, least } = wanted[i] ?? { count: 0, most: 0, least: 0 };
    all += count;
    for (const { score } of searchGraph(graph, table, query, k, ef)) if (score >= least) found++;
  });
  return all === 0 ? 1 : found / all;
}
