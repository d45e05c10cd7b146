/**
 * A few words of WebAssembly, for loops that TypeScript has no arithmetic for: written out as instructions, because there is no
 * compiler in the build.
 */

// Names and codes as in the WebAssembly core specification 2.0, chapter 5.4.
const I32 = 0x7f;
const V128 = 0x7b;
export const LOOP = [0x03, 0x40];
export const AGAIN_IF = [0x0d, 0x00];
export const END = 0x0b;
export const I32_LOAD = [0x28, 0x02, 0x00];
export const I32_STORE = [0x36, 0x02];
export const LESS = 0x49;
export const AT_LEAST_SIGNED = 0x4e;
export const ADD = 0x6a;
export const SUBTRACT = 0x6b;
export const MULTIPLY = 0x6c;
export const V128_LOAD = [0xfd, 0x00, 0x04];
export const V128_STORE = [0xfd, 0x0b, 0x04];
export const V128_ZERO = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
export const LOAD_SPLAT = [0xfd, 0x09, 0x02];
export const LOAD_8X8_SIGNED = [0xfd, 0x01, 0x00];
export const DOT_I16X8 = [0xfd, 0xba, 0x01];
export const I32X4_ADD = [0xfd, 0xae, 0x01];
export const I32X4_SUBTRACT = [0xfd, 0xb1, 0x01];
export const I32X4_SPLAT = [0xfd, 0x11];
export const I32X4_SHIFT_LEFT = [0xfd, 0xab, 0x01];
export const I32X4_FROM_F32X4 = [0xfd, 0xf8, 0x01];
export const I16X8_NARROW = [0xfd, 0x85, 0x01];
export const F32X4_FROM_I32X4 = [0xfd, 0xfa, 0x01];
export const F32X4_ABSOLUTE = [0xfd, 0xe0, 0x01];
export const F32X4_ADD = [0xfd, 0xe4, 0x01];
export const F32X4_SUBTRACT = [0xfd, 0xe5, 0x01];
export const F32X4_MIN = [0xfd, 0xe8, 0x01];
export const F32X4_MAX = [0xfd, 0xe9, 0x01];
export const F32X4_AT_MOST = [0xfd, 0x45];
export const F32X4_NEAREST = [0xfd, 0x6a];
export const F32X4_MULTIPLY = [0xfd, 0xe6, 0x01];
export const LANE = [0xfd, 0x1b];

interface WasmFunction {
  /** How many 32-bit integers it takes, and gives back. */
  readonly parameters: number;
  readonly results: 0 | 1;
  readonly body: readonly number[];
}

/** Where it has a result, that is a number. */
type WasmCall = (...integers: number[]) => unknown;

/** The functions of a module over a memory, by their names. */
export function instantiate<Name extends string>(
  memory: WebAssembly.Memory,
  named: Readonly<Record<Name, WasmFunction>>,
): Readonly<Record<Name, WasmCall>> {
  const functions = Object.values<WasmFunction>(named);
  const many = (count: number): number[] => vector(new Array<number>(count).fill(I32));
  const parts = [
    ...section(
      1,
      functions.map(({ parameters, results }) => [0x60, ...many(parameters), ...many(results)]),
    ),
    ...section(2, [[...name('m'), ...name('m'), 0x02, 0x00, 0x00]]),
    ...section(
      3,
      functions.map((_, i) => [i]),
    ),
    ...section(
      7,
      Object.keys(named).map((one, i) => [...name(one), 0x00, i]),
    ),
    ...section(
      10,
      functions.map(({ body: written }) => written),
    ),
  ];
  const bytes = Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...parts]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { m: memory } });
  if (!areCalls(exports, named)) throw new Error(`a kernel does not export ${Object.keys(named).join(', ')}`);
  return exports;
}

const areCalls = <Name extends string>(
  exports: Readonly<Record<string, unknown>>,
  named: Readonly<Record<Name, unknown>>,
): exports is Readonly<Record<Name, WasmCall>> => Object.keys(named).every((one) => typeof exports[one] === 'function');

/** A function's instructions, with so many locals of each type behind its parameters. */
export function body(locals: { readonly i32: number; readonly v128: number }, code: readonly number[]): number[] {
  const whole = [2, ...leb(locals.i32), I32, ...leb(locals.v128), V128, ...code, END];
  return [...leb(whole.length), ...whole];
}

export const get = (local: number): number[] => [0x20, ...leb(local)];
export const set = (local: number): number[] => [0x21, ...leb(local)];
export const constant = (value: number): number[] => [0x41, ...signedLeb(value)];
export const step = (local: number, by: number): number[] =>
  by < 0 ? [...get(local), ...constant(-by), SUBTRACT, ...set(local)] : [...get(local), ...constant(by), ADD, ...set(local)];

const vector = (values: readonly number[]): number[] => [...leb(values.length), ...values];
const name = (text: string): number[] => vector([...Buffer.from(text)]);

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  const content = [...leb(entries.length), ...entries.flat()];
  return [id, ...leb(content.length), ...content];
}

/** Numbers of any length, seven bits a byte, lowest first (LEB128). */
export function leb(value: number): number[] {
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
