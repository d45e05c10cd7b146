import hnswlib from 'hnswlib-node';
import type { ItemId } from '../../domain/item.ts';
import { Bitset } from '../../filters/bitset.ts';
import type { ItemFilter } from '../../filters/itemFilter.ts';
import type { Plan } from '../../filters/planner.ts';
import type { IndexMeasures, Neighbour, VectorEntry } from '../../ports/vectorIndex.ts';
import type { BuiltIndex } from './exactIndex.ts';
import { scanAll, scanPlan, scoresOf } from './exactScan.ts';
import { saveIndex } from './files.ts';
import type { IndexTable } from './indexTable.ts';

export type Graph = InstanceType<typeof hnswlib.HierarchicalNSW>;

/** What building and searching a graph takes (Malkov and Yashunin, arXiv:1603.09320, names as there). */
export interface GraphParameters {
  readonly m: number;
  readonly efConstruction: number;
  /** Width of a search for up to 100 neighbours. */
  readonly ef: number;
}

/** Cost of looking at one neighbour in the graph (2 µs) against that of scanning one 64-dimensional row (6 ns), both measured. */
const GRAPH_COST = 350;
/** How much wider a search is than the neighbours it is to find. */
const WIDTH = 1.3;
/** Milliseconds after which a batch of insertions lets other work go on. */
const SLICE = 4;

export function createGraph(dimensions: number, capacity: number, parameters: GraphParameters, seed: number): Graph {
  const graph = new hnswlib.HierarchicalNSW('ip', dimensions);
  graph.initIndex(Math.max(1, capacity), parameters.m, parameters.efConstruction, seed);
  return graph;
}

export function readGraph(path: string, dimensions: number): Graph {
  const graph = new hnswlib.HierarchicalNSW('ip', dimensions);
  graph.readIndexSync(path);
  return graph;
}

/**
 * Adds or replaces rows, letting other work go on between slices; a row that was removed meanwhile is left out.
 * @param added gets the rows that are in the graph
 */
export async function addToGraph(
  graph: Graph,
  table: IndexTable,
  rows: Iterable<number>,
  added: Bitset,
  onProgress?: (done: number) => void,
): Promise<void> {
  let started = performance.now();
  let done = 0;
  for (const row of rows) {
    if (!table.alive.has(row)) continue;
    if (row >= graph.getMaxElements()) graph.resizeIndex(Math.max(row + 1, Math.ceil(graph.getMaxElements() * 1.5)));
    graph.addPoint(Array.from(table.vector(row)), row);
    added.add(row);
    done++;
    if (performance.now() - started > SLICE) {
      onProgress?.(done);
      await new Promise((resume) => setImmediate(resume));
      started = performance.now();
    }
  }
}

/**
 * Up to `count` rows near the query, best first, by the graph alone. Scores are computed from the table, so that they are the
 * same as an exact scan's.
 */
export function searchGraph(
  graph: Graph,
  table: IndexTable,
  query: Float32Array,
  count: number,
  ef: number,
): { row: number; score: number }[] {
  graph.setEf(Math.max(ef, Math.ceil(count * WIDTH)));
  const { neighbors } = graph.searchKnn(Array.from(query), Math.min(count, graph.getCurrentCount()));
  const found = neighbors.map((row) => ({ row, score: table.score(row, query) }));
  return found.sort((a, b) => b.score - a.score || a.row - b.row);
}

/**
 * Chooses by selectivity between scoring the survivors exactly and searching the graph for more than is asked, widening or
 * scanning until the list is full. No callback runs inside the graph.
 */
export function hnswIndexOver(
  table: IndexTable,
  graph: Graph,
  header: IndexMeasures & { readonly ef: number },
  graphCost = GRAPH_COST,
): BuiltIndex {
  const { dimensions } = table;
  /** Rows that the graph knows, marked as deleted or not; the others are waiting to be added. */
  const inGraph = Bitset.full(table.rows);
  /** Rows scored exactly in the time that the graph takes for `count` neighbours. */
  const rowsWorth = (count: number): number => Math.max(header.ef, count * WIDTH) * graphCost * (64 / dimensions);

  const graphPath = (query: Float32Array, k: number, plan: Plan): Neighbour[] | undefined => {
    let fetch = Math.ceil((k * 1.2 * table.size) / Math.max(1, plan.count)) + 8;
    for (let attempt = 0; attempt < 2; attempt++) {
      if (fetch >= table.size || rowsWorth(fetch) > plan.count) return undefined;
      const kept: Neighbour[] = [];
      const found = searchGraph(graph, table, query, fetch, header.ef);
      for (const { row, score } of found) {
        if (kept.length === k) break;
        if (plan.has(table.ordinal(row))) kept.push({ id: table.ids[row] ?? '', score });
      }
      if (kept.length === k) return kept;
      fetch = Math.ceil((fetch * 1.5 * k) / Math.max(1, kept.length));
    }
    return undefined;
  };

  return {
    ...header,
    table,
    kind: 'hnsw',
    dimensions,
    async search(query: Float32Array, k: number, filter?: ItemFilter): Promise<readonly Neighbour[]> {
      table.check(query, 'query vector');
      if (k < 1) return [];
      if (!filter) {
        const count = Math.min(k, table.size);
        if (count === 0) return [];
        const found = rowsWorth(count) > table.size ? [] : searchGraph(graph, table, query, count, header.ef);
        if (found.length < count) return scanAll(table, query, k, () => true);
        return found.map(({ row, score }) => ({ id: table.ids[row] ?? '', score }));
      }
      const plan = table.filtering.planner.plan(filter);
      if (plan.count === 0) return [];
      const near = graphPath(query, k, plan);
      if (near) return near;
      const resolved = await plan.resolve();
      return scanPlan(table, query, k, resolved);
    },
    scores: async (query, ids) => scoresOf(table, query, ids),
    async upsert(entries: readonly VectorEntry[]) {
      for (const { id, vector } of entries) table.check(vector, `vector of item "${id}"`);
      const rows: number[] = [];
      for (const entry of entries) {
        const known = table.row(entry.id);
        if (known !== undefined && !table.alive.has(known) && inGraph.has(known)) graph.unmarkDelete(known);
        rows.push(table.put(entry));
      }
      await addToGraph(graph, table, rows, inGraph);
    },
    async remove(ids: readonly ItemId[]) {
      for (const id of ids) {
        const row = table.remove(id);
        if (row !== undefined && inGraph.has(row)) graph.markDelete(row);
      }
    },
    size: async () => table.size,
    close: async () => {},
    compact: () => table.compact(),
    save: (folder) =>
      saveIndex(folder, table, header, async (path) => {
        await graph.writeIndex(path);
      }),
  };
}
