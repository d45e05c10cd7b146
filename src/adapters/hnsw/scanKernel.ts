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

// Names and codes as in the WebAssembly core specification 2.0, chapter 5.4.
const I32 = 0x7f;
const V128 = 0x7b;
const LOOP = [0x03, 0x40];
const AGAIN_IF = [0x0d, 0x00];
const END = 0x0b;
const I32_LOAD = [0x28, 0x02, 0x00];
const I32_STORE = [0x36, 0x02];
const LESS = 0x49;
const AT_LEAST_SIGNED = 0x4e;
const ADD = 0x6a;
const SUBTRACT = 0x6b;
const MULTIPLY = 0x6c;
const V128_LOAD = [0xfd, 0x00, 0x04];
const LOAD_8X8_SIGNED = [0xfd, 0x01, 0x00];
const DOT_I16X8 = [0xfd, 0xba, 0x01];
const I32X4_ADD = [0xfd, 0xae, 0x01];
const LANE = [0xfd, 0x1b];

/**
 * WebAssembly made for one length of rows, so that the loop over a row is unrolled and the query stays in registers. Written
 * out as instructions here, because the arithmetic of TypeScript has no 8-bit products.
 * @param stride bytes of a row, a multiple of `LANES`
 */
export function createScanKernel(stride: number, memory: WebAssembly.Memory): ScanKernel {
  const types = section(1, [
    [0x60, ...vector([I32, I32, I32, I32, I32]), ...vector([I32])],
    [0x60, ...vector([I32, I32, I32, I32, I32, I32]), ...vector([I32])],
  ]);
  const imports = section(2, [[...name('m'), ...name('m'), 0x02, 0x00, 0x00]]);
  const functions = section(3, [[0], [1]]);
  const exports = section(7, [
    [...name('inOrder'), 0x00, 0],
    [...name('listed'), 0x00, 1],
  ]);
  const code = section(10, [body(stride, false), body(stride, true)]);
  const bytes = Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...types, ...imports, ...functions, ...exports, ...code]);
  const { exports: made } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { m: memory } });
  const { inOrder, listed } = made;
  if (typeof inOrder !== 'function' || typeof listed !== 'function') throw new Error('the scan kernel exports no functions');
  return {
    inOrder: (query, address, count, out, least) => Number(inOrder(query, address, count, out, least)) / 4,
    listed: (query, address, count, out, least, list) => Number(listed(query, address, count, out, least, list)) / 4,
  };
}

function body(stride: number, listed: boolean): number[] {
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
  code.push(...get(out), ...get(first), SUBTRACT, END);
  const locals = [2, ...leb(4), I32, ...leb(1 + parts), V128];
  const whole = [...locals, ...code];
  return [...leb(whole.length), ...whole];
}

const get = (local: number): number[] => [0x20, ...leb(local)];
const set = (local: number): number[] => [0x21, ...leb(local)];
const constant = (value: number): number[] => [0x41, ...signedLeb(value)];
const step = (local: number, by: number): number[] => [...get(local), ...constant(by), ADD, ...set(local)];

const vector = (values: readonly number[]): number[] => [...leb(values.length), ...values];
const name = (text: string): number[] => vector([...Buffer.from(text)]);

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  const content = [...leb(entries.length), ...entries.flat()];
  return [id, ...leb(content.length), ...content];
}

/** Numbers of any length, seven bits a byte, lowest first (LEB128). */
function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

/** The same for a number that is read with a sign: the last byte's highest bit stays free. */
function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x40; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}
