import { type Progress, silentProgress } from '../../cli/progress.ts';
import { UserError } from '../../domain/errors.ts';
import { seededRandom } from '../../domain/random.ts';
import type { VectorEntry } from '../../ports/vectorIndex.ts';
import { type BuiltIndex, exactIndexOver } from './exactIndex.ts';
import { loadIndex } from './files.ts';
import { type Graph, hnswIndexOver, readGraph } from './hnswIndex.ts';
import { type Filtering, IndexTable } from './indexTable.ts';
import { createTrial, QUERIES, type Rung, sampleQueries, tryGraph } from './trial.ts';

/**
 * Up to this many numbers (rows times dimensions) a scan of everything takes about a millisecond, less than a graph of that
 * size gains: see docs/decisions/vector-index.md.
 */
const EXACT_UP_TO = 200_000 * 64;

/** Graphs from sparse to dense, each with the widths of search to try on it: past those a denser graph costs less. */
const LADDER: readonly Rung[] = [
  { m: 16, efConstruction: 200, widths: [130, 170, 200, 300, 400, 600] },
  { m: 24, efConstruction: 300, widths: [200, 300, 400, 600] },
  { m: 32, efConstruction: 500, widths: [300, 400, 600, 800] },
];
/** A graph that misses more than this is not made good enough by a denser one. */
const NEARLY = 0.95;
/** Milliseconds that a scan of everything may take where graphs find too few. */
const SLOWEST_SCAN = 25;
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
  /** Kinds of graphs to try, the last with whatever recall is enough. */
  readonly ladder?: readonly Rung[];
  /** What a neighbour in the graph costs, in rows scored exactly; measured by default. */
  readonly graphCost?: number;
}

/**
 * Builds an index and measures it against exact search: wider searches are tried first, then denser graphs. A small catalogue
 * gets the exact index, and so does one of items that are alike by the hundred, or one that graphs find too few of where
 * scanning it is bearable.
 * @throws UserError when the densest graph stays below `minRecall` and a scan would take too long
 */
export async function buildHnswIndex(
  entries: Iterable<VectorEntry>,
  options: BuildOptions,
  progress: Progress = silentProgress,
): Promise<BuiltIndex> {
  const { dimensions, filtering, k = 100, minRecall = 0.98, seed = 42, ladder = LADDER } = options;
  const table = new IndexTable(dimensions, filtering);
  for (const entry of entries) table.put(entry);
  const exact = (why: string): BuiltIndex => {
    progress.note(`${table.rows} vectors${why}: exact search`);
    return exactIndexOver(table);
  };
  if (table.rows * dimensions <= EXACT_UP_TO && !options.alwaysGraph) return exact('');
  const queries = options.queries?.slice(0, QUERIES) ?? sampleQueries(table, seededRandom(seed));
  const demands = { k, minRecall, seed, densest: ladder.at(-1) };
  const trial = createTrial(table, queries, demands);
  const { wanted, milliseconds } = trial;
  if (!options.alwaysGraph && wanted.filter(({ most, least }) => most === least).length > ALIKE * wanted.length)
    return exact(`, most of them like ${k} others`);
  const canScan = minRecall <= 1 && milliseconds <= SLOWEST_SCAN;
  let best = 0;
  for (const step of ladder) {
    const kind = `M ${step.m}`;
    const { graph, ef, recall } = await tryGraph(trial, step, (done) => progress.update(done, table.rows, kind));
    if (ef !== undefined) {
      const parameters = { m: step.m, efConstruction: step.efConstruction, ef };
      progress.note(`recall@${k} ${recall.toFixed(4)} with ${kind}, efConstruction ${step.efConstruction}, ef ${ef}`);
      return hnswIndexOver(table, graph, { kind: 'hnsw', recall, k, ef, parameters }, options.graphCost);
    }
    best = Math.max(best, recall);
    if (recall < NEARLY && canScan) break;
    if (step !== demands.densest) progress.note(`recall@${k} ${recall.toFixed(4)} with ${kind} is not enough: a denser graph`);
  }
  const found = `recall@${k} is ${best.toFixed(4)} at best`;
  const scan = `a scan takes ${milliseconds.toFixed(1)} ms`;
  if (canScan) return exact(`, of which graphs find too few (${found}) and ${scan}`);
  throw new UserError(`vector index: ${found}, below the ${minRecall} it must reach, and ${scan}; nothing was written`);
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
