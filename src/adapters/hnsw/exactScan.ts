import type { ItemId } from '../../domain/item.ts';
import type { Plan } from '../../filters/planner.ts';
import type { Neighbour } from '../../ports/vectorIndex.ts';
import { TopK } from '../../retrieval/topK.ts';
import type { IndexTable } from './indexTable.ts';

/** Up to so many rows the way round through 8 bits takes longer than it saves. */
const FEW = 400;

/** The `k` best of some rows, best first, equal scores by row. */
function scanRows(table: IndexTable, query: Float32Array, k: number, rows: Uint32Array): Neighbour[] {
  const near = rows.length <= Math.max(FEW, 2 * k) ? rows : table.scanner.candidates(query, k, rows, () => true);
  return bestOf(table, query, k, near);
}

/** The same of all rows that are there and that `has` lets through, where these are most: it is asked only about good ones. */
export function scanAll(table: IndexTable, query: Float32Array, k: number, has: (row: number) => boolean): Neighbour[] {
  if (table.size <= Math.max(FEW, 2 * k)) return bestOf(table, query, k, table.aliveRows().filter(has));
  const { alive } = table;
  return bestOf(
    table,
    query,
    k,
    table.scanner.candidates(query, k, undefined, (row) => alive.has(row) && has(row)),
  );
}

/** The best of what a plan keeps. */
export function scanPlan(table: IndexTable, query: Float32Array, k: number, { bitset, count }: Plan): Neighbour[] {
  if (count < table.rows * LIST_UP_TO) return scanRows(table, query, k, table.rowsOf(bitset));
  return scanAll(table, query, k, (row) => bitset.has(table.ordinal(row)));
}

/** Up to this share of the rows, listing them first costs less than scoring all. */
const LIST_UP_TO = 0.3;

function bestOf(table: IndexTable, query: Float32Array, k: number, rows: ArrayLike<number>): Neighbour[] {
  const top = new TopK(Math.min(k, rows.length));
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    top.offer(row, table.score(row, query));
  }
  return top.sorted().map(({ index, score }) => ({ id: table.ids[index] ?? '', score }));
}

/** Inner products with certain items; `undefined` for one that is not there. */
export function scoresOf(table: IndexTable, query: Float32Array, ids: readonly ItemId[]): (number | undefined)[] {
  table.check(query, 'query vector');
  return ids.map((id) => {
    const row = table.row(id);
    return row === undefined || !table.alive.has(row) ? undefined : table.score(row, query);
  });
}
