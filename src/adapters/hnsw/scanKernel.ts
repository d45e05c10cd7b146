import {
  ADD,
  AGAIN_IF,
  AT_LEAST_SIGNED,
  body as bodyOf,
  constant,
  DOT_I16X8,
  END,
  get,
  I32_LOAD,
  I32_STORE,
  I32X4_ADD,
  instantiate,
  LANE,
  LESS,
  LOAD_8X8_SIGNED,
  LOOP,
  leb,
  MULTIPLY,
  SUBTRACT,
  set,
  step,
  V128_LOAD,
} from '../../kernels/code.ts';

/**
 * Scores rows of 8-bit numbers against a query of 16-bit numbers, 8 products an instruction, and writes those whose score is
 * at least `least`: the scores as int32 from `out`, and their places in what was asked for, counted from 0, `MOST_ROWS`
 * numbers further on. Addresses are bytes of its memory.
 */
export interface ScanKernel {
  /** `count` > 0 rows that lie one after another from `address`. @returns how many it wrote */
  inOrder(query: number, address: number, count: number, out: number, least: number): number;
  /** The `count` > 0 rows whose numbers (uint32) stand from `list`, of a table at `address`. @returns how many it wrote */
  listed(query: number, address: number, count: number, out: number, least: number, list: number): number;
}

/** The most rows of one call: its answers stay in the processor's first cache. */
export const MOST_ROWS = 2048;

/** How many numbers the kernel takes at once: rows are padded with zeros to a multiple of it. */
export const LANES = 8;

/**
 * WebAssembly made for one length of rows, so that the loop over a row is unrolled and the query stays in registers. Written
 * out as instructions here, because the arithmetic of TypeScript has no 8-bit products.
 * @param stride bytes of a row, a multiple of `LANES`
 */
export function createScanKernel(stride: number, memory: WebAssembly.Memory): ScanKernel {
  const { inOrder, listed } = instantiate(memory, {
    inOrder: { parameters: 5, results: 1, body: scan(stride, false) },
    listed: { parameters: 6, results: 1, body: scan(stride, true) },
  });
  return {
    inOrder: (query, address, count, out, least) => Number(inOrder(query, address, count, out, least)) / 4,
    listed: (query, address, count, out, least, list) => Number(listed(query, address, count, out, least, list)) / 4,
  };
}

function scan(stride: number, listed: boolean): number[] {
  const [query, address, count, out, least, list] = [0, 1, 2, 3, 4, 5];
  const first = listed ? 6 : 5;
  const row = first + 1;
  const place = first + 2;
  const score = first + 3;
  const sum = first + 4;
  const parts = stride / LANES;
  const part = (i: number) => sum + 1 + i;
  const code: number[] = [...get(out), ...set(first)];
  for (let i = 0; i < parts; i++) code.push(...get(query), ...V128_LOAD, ...leb(16 * i), ...set(part(i)));
  if (!listed) code.push(...get(address), ...set(row));
  code.push(...LOOP);
  if (listed) code.push(...get(address), ...get(list), ...I32_LOAD, ...constant(stride), MULTIPLY, ADD, ...set(row));
  for (let i = 0; i < parts; i++) {
    code.push(...get(row), ...LOAD_8X8_SIGNED, ...leb(LANES * i), ...get(part(i)), ...DOT_I16X8);
    if (i > 0) code.push(...I32X4_ADD);
  }
  code.push(...set(sum));
  for (let lane = 0; lane < 4; lane++) {
    code.push(...get(sum), ...LANE, lane);
    if (lane > 0) code.push(ADD);
  }
  code.push(...set(score));
  // Every row is written, and the next over it where its score is too low: cheaper than a branch.
  code.push(...get(out), ...get(score), ...I32_STORE, 0x00);
  code.push(...get(out), ...get(place), ...I32_STORE, ...leb(4 * MOST_ROWS));
  code.push(...get(out), ...get(score), ...get(least), AT_LEAST_SIGNED, ...constant(4), MULTIPLY, ADD, ...set(out));
  code.push(...(listed ? step(list, 4) : step(row, stride)));
  code.push(...step(place, 1), ...get(place), ...get(count), LESS, ...AGAIN_IF, END);
  code.push(...get(out), ...get(first), SUBTRACT);
  return bodyOf({ i32: 4, v128: 1 + parts }, code);
}
