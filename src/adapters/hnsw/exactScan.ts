import type { ItemId } from '../../domain/item.ts';
import type { Plan } from '../../filters/planner.ts';
import type { Neighbour } from '../../ports/vectorIndex.ts';
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
  return top.sorted().map(({ row, score }) => ({ id: table.ids[row] ?? '', score }));
}

/** The best `k` of what it is offered: a binary heap with the worst on top. */
class TopK {
  readonly #scores: Float64Array;
  readonly #rows: Uint32Array;
  #size = 0;

  constructor(k: number) {
    this.#scores = new Float64Array(k);
    this.#rows = new Uint32Array(k);
  }

  offer(row: number, score: number): void {
    const capacity = this.#rows.length;
    if (this.#size < capacity) this.#rise(this.#size++, row, score);
    else if (capacity > 0 && (score > (this.#scores[0] ?? 0) || (score === this.#scores[0] && row < (this.#rows[0] ?? 0))))
      this.#sink(row, score);
  }

  sorted(): { row: number; score: number }[] {
    const found = Array.from({ length: this.#size }, (_, i) => ({ row: this.#rows[i] ?? 0, score: this.#scores[i] ?? 0 }));
    return found.sort((a, b) => b.score - a.score || a.row - b.row);
  }

  /** Whether the first is worse than the second. */
  #worse(score: number, row: number, otherScore: number, otherRow: number): boolean {
    return score < otherScore || (score === otherScore && row > otherRow);
  }

  #rise(from: number, row: number, score: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const parentScore = this.#scores[parent] ?? 0;
      const parentRow = this.#rows[parent] ?? 0;
      if (!this.#worse(score, row, parentScore, parentRow)) break;
      this.#scores[at] = parentScore;
      this.#rows[at] = parentRow;
      at = parent;
    }
    this.#scores[at] = score;
    this.#rows[at] = row;
  }

  #sink(row: number, score: number): void {
    const size = this.#size;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (
        child + 1 < size &&
        this.#worse(this.#scores[child + 1] ?? 0, this.#rows[child + 1] ?? 0, this.#scores[child] ?? 0, this.#rows[child] ?? 0)
      )
        child++;
      const childScore = this.#scores[child] ?? 0;
      const childRow = this.#rows[child] ?? 0;
      if (!this.#worse(childScore, childRow, score, row)) break;
      this.#scores[at] = childScore;
      this.#rows[at] = childRow;
      at = child;
    }
    this.#scores[at] = score;
    this.#rows[at] = row;
  }
}

/** Inner products with certain items; `undefined` for one that is not there. */
export function scoresOf(table: IndexTable, query: Float32Array, ids: readonly ItemId[]): (number | undefined)[] {
  table.check(query, 'query vector');
  return ids.map((id) => {
    const row = table.row(id);
    return row === undefined || !table.alive.has(row) ? undefined : table.score(row, query);
  });
}
