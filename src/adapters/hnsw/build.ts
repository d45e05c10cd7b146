import { type Progress, silentProgress } from '../../cli/progress.ts';
import { UserError } from '../../domain/errors.ts';
import { type Random, seededRandom } from '../../domain/random.ts';
import { Bitset } from '../../filters/bitset.ts';
import type { VectorEntry } from '../../ports/vectorIndex.ts';
import { type BuiltIndex, exactIndexOver } from './exactIndex.ts';
import { scanAll } from './exactScan.ts';
import { loadIndex } from './files.ts';
import { addToGraph, createGraph, type Graph, type GraphParameters, hnswIndexOver, readGraph, searchGraph } from './hnswIndex.ts';
import { type Filtering, IndexTable } from './indexTable.ts';

/**
 * Up to this many numbers (rows times dimensions) a scan of everything takes about a millisecond, less than a graph of that
 * size gains: see docs/decisions/vector-index.md.
 */
const EXACT_UP_TO = 200_000 * 64;

/** Graphs from sparse to dense, each with the widths of search to try on it: past those a denser graph costs less. */
const LADDER: readonly (Omit<GraphParameters, 'ef'> & { readonly widths: readonly number[] })[] = [
  { m: 16, efConstruction: 200, widths: [130, 170, 200, 300, 400, 600] },
  { m: 24, efConstruction: 300, widths: [200, 300, 400, 600] },
  { m: 32, efConstruction: 500, widths: [300, 400, 600, 800] },
];
const QUERIES = 100;
/** Where for more of the queries the `k` nearest are all the same, a graph falls apart into heaps of them. */
const ALIKE = 0.5;

export interface BuildOptions {
  readonly dimensions: number;
  /** Needed for searching with filters. */
  readonly filtering?: Filtering;
  /** Vectors like those that will be searched with; some of the entries serve otherwise. */
  readonly queries?: readonly Float32Array[];
  /** Recall is measured at this many neighbours. */
  readonly k?: number;
  /** The build is refused below it. */
  readonly minRecall?: number;
  readonly seed?: number;
  /** Builds a graph however small the catalogue is. */
  readonly alwaysGraph?: boolean;
  /** What a neighbour in the graph costs, in rows scored exactly; measured by default. */
  readonly graphCost?: number;
}

/**
 * Builds an index and measures it against exact search: wider searches are tried first, then denser graphs. A small catalogue
 * gets the exact index, and so does one of items that are alike by the hundred.
 * @throws UserError when the densest graph stays below `minRecall`
 */
export async function buildHnswIndex(
  entries: Iterable<VectorEntry>,
  options: BuildOptions,
  progress: Progress = silentProgress,
): Promise<BuiltIndex> {
  const { dimensions, filtering, k = 100, minRecall = 0.98, seed = 42 } = options;
  const table = new IndexTable(dimensions, filtering);
  for (const entry of entries) table.put(entry);
  if (table.rows * dimensions <= EXACT_UP_TO && !options.alwaysGraph) {
    progress.note(`${table.rows} vectors: exact search`);
    return exactIndexOver(table);
  }
  const queries = options.queries?.slice(0, QUERIES) ?? sampleQueries(table, seededRandom(seed));
  const wanted = queries.map((query) => bestScores(table, query, k));
  if (!options.alwaysGraph && wanted.filter(({ most, least }) => most === least).length > ALIKE * wanted.length) {
    progress.note(`${table.rows} vectors, most of them like ${k} others: exact search`);
    return exactIndexOver(table);
  }
  let best = 0;
  for (const { widths, ...step } of LADDER) {
    const isLast = step.m === LADDER.at(-1)?.m;
    const graph = createGraph(dimensions, table.rows, { ...step, ef: 0 }, seed);
    await addToGraph(graph, table, rowNumbers(table.rows), new Bitset(table.rows), (done) =>
      progress.update(done, table.rows, `M ${step.m}`),
    );
    progress.update(table.rows, table.rows);
    for (const ef of widths) {
      const recall = measureRecall(graph, table, queries, wanted, k, ef);
      best = Math.max(best, recall);
      const enough = recall >= Math.max(minRecall, 0.99) || (isLast && ef === widths.at(-1) && recall >= minRecall);
      if (!enough) continue;
      progress.note(`recall@${k} ${recall.toFixed(4)} with M ${step.m}, efConstruction ${step.efConstruction}, ef ${ef}`);
      return hnswIndexOver(table, graph, { kind: 'hnsw', recall, k, ef, parameters: { ...step, ef } }, options.graphCost);
    }
    progress.note(`recall@${k} ${best.toFixed(4)} with M ${step.m} is not enough: a denser graph`);
  }
  throw new UserError(
    `vector index: recall@${k} is ${best.toFixed(4)} at best, below the ${minRecall} it must reach; nothing was written`,
  );
}

/** @throws UserError naming the file that is missing, cut off or foreign */
export async function loadHnswIndex(folder: string, options: { filtering?: Filtering }): Promise<BuiltIndex> {
  const { table, header, graphPath } = await loadIndex(folder, options.filtering);
  table.scanner.prepare();
  if (header.kind === 'exact') return exactIndexOver(table);
  let graph: Graph;
  try {
    graph = readGraph(graphPath, table.dimensions);
  } catch (error) {
    throw new UserError(`${graphPath}: not a graph that can be read`, { cause: error });
  }
  if (graph.getCurrentCount() !== table.rows)
    throw new UserError(`${graphPath}: ${table.rows} points expected, ${graph.getCurrentCount()} found`);
  return hnswIndexOver(table, graph, { ...header, ef: header.parameters['ef'] ?? 200 });
}

function* rowNumbers(rows: number): Generator<number> {
  for (let row = 0; row < rows; row++) yield row;
}

/** Entries with some noise, so that a query is near the data but none of it. */
function sampleQueries(table: IndexTable, random: Random): Float32Array[] {
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
function measureRecall(
  graph: Graph,
  table: IndexTable,
  queries: readonly Float32Array[],
  wanted: readonly BestScores[],
  k: number,
  ef: number,
): number {
  let found = 0;
  let all = 0;
  queries.forEach((query, i) => {
    const { count, least } = wanted[i] ?? { count: 0, most: 0, least: 0 };
    all += count;
    for (const { score } of searchGraph(graph, table, query, k, ef)) if (score >= least) found++;
  });
  return all === 0 ? 1 : found / all;
}
