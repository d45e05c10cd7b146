import {
  AGAIN_IF,
  body,
  constant,
  END,
  F32X4_ADD,
  F32X4_MAX,
  F32X4_MULTIPLY,
  F32X4_NEAREST,
  F32X4_SUBTRACT,
  get,
  I32X4_ADD,
  I32X4_FROM_F32X4,
  I32X4_SHIFT_LEFT,
  I32X4_SPLAT,
  instantiate,
  LOOP,
  leb,
  set,
  step,
  V128_LOAD,
  V128_STORE,
  V128_ZERO,
} from '../../kernels/code.ts';
import { LANES } from '../../kernels/kernelMemory.ts';

/**
 * The passes of a softmax over a row of `vectors` × 4 floats, four numbers an instruction. Addresses are bytes of the memory;
 * `four` is that of four floats, which go in and come out.
 */
export interface SoftmaxKernel {
  /** Adds the offsets to the row; the greatest of the row and of `four` is the greatest of `four` afterwards. */
  shift(row: number, offsets: number, four: number, vectors: number): void;
  /** e^(x − four) for every x of the row, at least 2^−64; `four` sums up to the row's sum afterwards. */
  exponentials(row: number, constants: number, four: number, vectors: number): void;
  /** Multiplies the row by `four`, and adds it to `sums`. */
  scale(row: number, sums: number, four: number, vectors: number): void;
}

/** What `exponentials` reads at `constants`, each number four times: the base's logarithms, the least exponent, Taylor's series from its end. */
export const EXPONENTIAL_CONSTANTS = Float32Array.from(
  [1 / Math.LN2, Math.LN2, -64, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1, 1].flatMap((value) =>
    new Array<number>(LANES).fill(value),
  ),
);

export const createSoftmaxKernel = (memory: WebAssembly.Memory): SoftmaxKernel =>
  instantiate(memory, {
    shift: { parameters: 4, results: 0, body: shiftBody() },
    exponentials: { parameters: 4, results: 0, body: exponentialsBody() },
    scale: { parameters: 4, results: 0, body: scaleBody() },
  });

const VECTOR = 4 * LANES;
const load = (address: number, offset = 0): number[] => [...get(address), ...V128_LOAD, ...leb(offset)];
const store = (address: number, value: readonly number[]): number[] => [...get(address), ...value, ...V128_STORE, 0x00];
const [ROW, OTHER, FOUR, LEFT, NUMBERS, EXPONENT, GATHERED] = [0, 1, 2, 3, 4, 5, 6] as const;
const locals = { i32: 0, v128: 3 };
const onwards = (...addresses: readonly number[]): number[] => [
  ...addresses.flatMap((address) => step(address, VECTOR)),
  ...step(LEFT, -1),
  ...get(LEFT),
  ...AGAIN_IF,
  END,
];

function shiftBody(): number[] {
  return body(locals, [
    ...[...load(FOUR), ...set(GATHERED), ...LOOP],
    ...[...load(ROW), ...load(OTHER), ...F32X4_ADD, ...set(NUMBERS), ...store(ROW, get(NUMBERS))],
    ...[...get(GATHERED), ...get(NUMBERS), ...F32X4_MAX, ...set(GATHERED)],
    ...[...onwards(ROW, OTHER), ...store(FOUR, get(GATHERED))],
  ]);
}

/** e^x = 2^n · e^f with n whole and |f| at most half of ln 2; n becomes the bits of a power of two. */
function exponentialsBody(): number[] {
  const [log2e, ln2, least, ...series] = Array.from({ length: EXPONENTIAL_CONSTANTS.length / LANES }, (_, i) =>
    load(OTHER, VECTOR * i),
  );
  const [highest, ...rest] = series;
  const fraction = NUMBERS;
  return body(locals, [
    ...[...V128_ZERO, ...set(GATHERED), ...LOOP],
    ...[...load(ROW), ...load(FOUR), ...F32X4_SUBTRACT, ...log2e!, ...F32X4_MULTIPLY, ...least!, ...F32X4_MAX, ...set(NUMBERS)],
    ...[...get(NUMBERS), ...F32X4_NEAREST, ...set(EXPONENT)],
    ...[...get(NUMBERS), ...get(EXPONENT), ...F32X4_SUBTRACT, ...ln2!, ...F32X4_MULTIPLY, ...set(fraction)],
    ...highest!,
    ...rest.flatMap((coefficient) => [...get(fraction), ...F32X4_MULTIPLY, ...coefficient, ...F32X4_ADD]),
    ...[...get(EXPONENT), ...I32X4_FROM_F32X4, ...constant(127), ...I32X4_SPLAT, ...I32X4_ADD],
    ...[...constant(23), ...I32X4_SHIFT_LEFT, ...F32X4_MULTIPLY, ...set(NUMBERS), ...store(ROW, get(NUMBERS))],
    ...[...get(GATHERED), ...get(NUMBERS), ...F32X4_ADD, ...set(GATHERED)],
    ...[...onwards(ROW), ...store(FOUR, get(GATHERED))],
  ]);
}

function scaleBody(): number[] {
  return body(locals, [
    ...LOOP,
    ...[...load(ROW), ...load(FOUR), ...F32X4_MULTIPLY, ...set(NUMBERS), ...store(ROW, get(NUMBERS))],
    ...store(OTHER, [...load(OTHER), ...get(NUMBERS), ...F32X4_ADD]),
    ...onwards(ROW, OTHER),
  ]);
}
