import {
  AGAIN_IF,
  body,
  END,
  F32X4_MAX,
  F32X4_MIN,
  F32X4_MULTIPLY,
  F32X4_SUBTRACT,
  get,
  instantiate,
  LOOP,
  leb,
  step,
  V128_LOAD,
  V128_STORE,
} from '../../kernels/code.ts';
import { CLIP, type Scaling } from '../../ranking/standardise.ts';

const LANES = 4;
const VECTOR = 4 * LANES;

/** Numbers that a scaling of so many columns takes, a multiple of four: what is taken off and multiplied with, and the limits. */
export const scalingLength = (width: number): number => 2 * width + 2 * LANES;

/** Lays a scaling out as the kernel reads it; columns up to `width` are zero whatever they hold. */
export function packScaling({ mean, inverse }: Scaling, width: number, out: Float32Array): void {
  out.set(mean);
  out.set(inverse, width);
  out.fill(-CLIP, 2 * width, 2 * width + LANES).fill(CLIP, 2 * width + LANES);
}

/** Scales a row of `vectors` × 4 numbers where it lies; all addresses in bytes. */
export type ScaleRow = (row: number, mean: number, inverse: number, limits: number, vectors: number) => void;

export function createScaleRow(memory: WebAssembly.Memory): ScaleRow {
  const [row, mean, inverse, limits, left] = [0, 1, 2, 3, 4] as const;
  const load = (address: number, offset = 0): number[] => [...get(address), ...V128_LOAD, ...leb(offset)];
  const code = [
    ...LOOP,
    ...[...get(row), ...load(row), ...load(mean), ...F32X4_SUBTRACT, ...load(inverse), ...F32X4_MULTIPLY],
    ...[...load(limits), ...F32X4_MAX, ...load(limits, VECTOR), ...F32X4_MIN, ...V128_STORE, 0x00],
    ...[row, mean, inverse].flatMap((address) => step(address, VECTOR)),
    ...[...step(left, -1), ...get(left), ...AGAIN_IF, END],
  ];
  return instantiate(memory, { scale: { parameters: 5, results: 0, body: body({ i32: 0, v128: 0 }, code) } }).scale;
}
