import type { ItemId } from '../../domain/item.ts';
import type { ItemFilter } from '../../filters/itemFilter.ts';
import type { BuiltVectorIndex, IndexMeasures, Neighbour, VectorEntry } from '../../ports/vectorIndex.ts';
import { scanAll, scanPlan, scoresOf } from './exactScan.ts';
import { saveIndex } from './files.ts';
import { type Filtering, IndexTable } from './indexTable.ts';

/** A built index as it serves, in this process. */
export interface BuiltIndex extends BuiltVectorIndex {
  /** Holds its vectors, which must be no longer than 1, in 16 bits a number from now on: half their memory. */
  compact(): void;
  /** Where its vectors are. */
  readonly table: Pick<IndexTable, 'row' | 'vectors'>;
}

/** Scores every item that the filter keeps. The fastest there is for small catalogues, and never wrong. */
export function createExactIndex(options: { dimensions: number; filtering?: Filtering }): BuiltIndex {
  return exactIndexOver(new IndexTable(options.dimensions, options.filtering));
}

const MEASURES: IndexMeasures = { kind: 'exact', recall: 1, k: 100, parameters: {} };

export function exactIndexOver(table: IndexTable): BuiltIndex {
  return {
    ...MEASURES,
    table,
    dimensions: table.dimensions,
    async search(query: Float32Array, k: number, filter?: ItemFilter): Promise<readonly Neighbour[]> {
      table.check(query, 'query vector');
      if (k < 1) return [];
      if (!filter) return scanAll(table, query, k, () => true);
      const plan = await table.filtering.planner.plan(filter).resolve();
      return scanPlan(table, query, k, plan);
    },
    scores: async (query, ids) => scoresOf(table, query, ids),
    async upsert(entries: readonly VectorEntry[]) {
      for (const entry of entries) table.put(entry);
    },
    async remove(ids: readonly ItemId[]) {
      for (const id of ids) table.remove(id);
    },
    size: async () => table.size,
    close: async () => {},
    compact: () => table.compact(),
    save: (folder) => saveIndex(folder, table, MEASURES),
  };
}
