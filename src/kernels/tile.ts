import {
  ADD,
  AGAIN_IF,
  body,
  constant,
  END,
  get,
  instantiate,
  LESS,
  LOAD_SPLAT,
  LOOP,
  leb,
  set,
  step,
  V128_LOAD,
  V128_STORE,
} from './code.ts';

/** Columns of a matrix that are multiplied at once, and the most rows. */
export const COLUMNS = 8;
const ROWS = 6;
/** Steps of one turn of the loop: their number must be a multiple of it. */
const UNROLLED = 4;
/** Bytes that a row's numbers and the eight columns' take at each step. */
const ROW_STEP = 4;
const STEP = 4 * COLUMNS;

/** Where a tile's function finds what it works on: locals that hold addresses. */
interface Addresses {
  /** What comes before the eight columns' weights. */
  readonly panel: number;
  /** A number for each row, where the arithmetic has those. */
  readonly scales: number;
}

/** What is added up for a row and four columns, as WebAssembly: each piece leaves one vector more than it found. */
export interface Arithmetic {
  /** Bytes before the weights of eight columns. */
  readonly header: number;
  begin(half: number, addresses: Addresses): number[];
  /** Takes a row's numbers and those of four columns off, and what is added up so far, which `sum` gets. */
  add(sum: readonly number[]): number[];
  /** Takes the sum that is on top. */
  finish(row: number, half: number, addresses: Addresses): number[];
}

/**
 * Rows times a matrix that lies in panels of eight columns. Rows begin `steps` times four bytes one after another, those of the
 * result `yStride` bytes; all addresses are in bytes.
 */
export type MultiplyPanels = (x: number, rows: number, weights: number, outputs: number, y: number, scales: number) => void;

type Tile = (x: number, weights: number, y: number, yStride: number, scales: number) => void;

/** Multiplies a matrix of so many steps: sums stay in registers. */
export function createMultiplyPanels(memory: WebAssembly.Memory, steps: number, arithmetic: Arithmetic): MultiplyPanels {
  const counts = Array.from({ length: ROWS }, (_, i) => i + 1);
  const written = counts.map(
    (rows) => [`rows${rows}`, { parameters: 5, results: 0, body: tile(rows, steps, arithmetic) }] as const,
  );
  const tiles: readonly Tile[] = Object.values(instantiate(memory, Object.fromEntries(written)));
  const panel = arithmetic.header + STEP * steps;
  return (x, rows, weights, outputs, y, scales) => {
    // A panel stays in the first cache while all rows are multiplied with it.
    for (let column = 0, at = weights; column < outputs; column += COLUMNS, at += panel)
      for (let row = 0; row < rows; row += ROWS)
        tiles[Math.min(ROWS, rows - row) - 1]!(
          x + ROW_STEP * row * steps,
          at,
          y + 4 * (row * outputs + column),
          4 * outputs,
          scales + 4 * row,
        );
  };
}

/** Eight columns of some rows. */
function tile(rows: number, steps: number, { header, begin, add, finish }: Arithmetic): number[] {
  const [x, weights, y, yStride, scales, end, panel] = [0, 1, 2, 3, 4, 5, 6] as const;
  const sum = (row: number, half: number) => 7 + 2 * row + half;
  const [left, right, value] = [7 + 2 * rows, 8 + 2 * rows, 9 + 2 * rows];
  const addresses = { panel, scales };
  const code: number[] = [...get(x), ...constant(ROW_STEP * steps), ADD, ...set(end), ...get(weights), ...set(panel)];
  for (let row = 0; row < rows; row++) for (const half of [0, 1]) code.push(...begin(half, addresses), ...set(sum(row, half)));
  code.push(...step(weights, header), ...LOOP);
  for (let i = 0; i < UNROLLED; i++) {
    code.push(...get(weights), ...V128_LOAD, ...leb(STEP * i), ...set(left));
    code.push(...get(weights), ...V128_LOAD, ...leb(STEP * i + 16), ...set(right));
    for (let row = 0; row < rows; row++) {
      code.push(...get(x), ...LOAD_SPLAT, ...leb(ROW_STEP * (row * steps + i)), ...set(value));
      for (const half of [0, 1]) code.push(...get(value), ...get(half === 0 ? left : right), ...add(get(sum(row, half))));
      code.push(...set(sum(row, 1)), ...set(sum(row, 0)));
    }
  }
  code.push(...step(weights, STEP * UNROLLED), ...step(x, ROW_STEP * UNROLLED));
  code.push(...get(x), ...get(end), LESS, ...AGAIN_IF, END);
  for (let row = 0; row < rows; row++) {
    for (const half of [0, 1])
      code.push(...get(y), ...get(sum(row, half)), ...finish(row, half, addresses), ...V128_STORE, ...leb(16 * half));
    code.push(...get(y), ...get(yStride), ADD, ...set(y));
  }
  return body({ i32: 2, v128: 2 * rows + 3 }, code);
}
