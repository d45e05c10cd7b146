import {
  AGAIN_IF,
  body,
  END,
  F32X4_ADD,
  F32X4_MULTIPLY,
  get,
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

/** Vectors of a row that are kept in registers through the loop over the ages. */
const AT_ONCE = 4;

/**
 * One target's pooling, four products an instruction. Addresses are bytes of the memory; `row` is that of the target's latest
 * row, from where `count` > 0 rows are read backwards, against as many rows of position weights forwards.
 */
export interface PoolKernel {
  /** Writes Σ position ⊙ row to `out`. */
  forward(row: number, position: number, out: number, count: number): void;
  /** Adds position ⊙ gradient to `byRow`, and row ⊙ gradient to `byPosition`, for every row read. */
  backward(row: number, position: number, gradient: number, byRow: number, byPosition: number, count: number): void;
}

/** Kernels made for rows of one length. @param bytes of a row, a multiple of 4 × `LANES` */
export const createPoolKernel = (bytes: number, memory: WebAssembly.Memory): PoolKernel =>
  instantiate(memory, {
    forward: { parameters: 4, results: 0, body: forwardBody(bytes) },
    backward: { parameters: 6, results: 0, body: backwardBody(bytes) },
  });

function forwardBody(bytes: number): number[] {
  const [row, position, out, count, sums] = [0, 1, 2, 3, 7];
  const at = { row: 4, position: 5, left: 6 };
  const code: number[] = [];
  for (const offsets of groups(bytes)) {
    code.push(...get(row), ...set(at.row), ...get(position), ...set(at.position), ...get(count), ...set(at.left));
    for (const [i] of offsets.entries()) code.push(...V128_ZERO, ...set(sums + i));
    code.push(...LOOP);
    for (const [i, offset] of offsets.entries()) {
      code.push(...get(at.row), ...V128_LOAD, ...leb(offset), ...get(at.position), ...V128_LOAD, ...leb(offset));
      code.push(...F32X4_MULTIPLY, ...get(sums + i), ...F32X4_ADD, ...set(sums + i));
    }
    code.push(...step(at.row, -bytes), ...step(at.position, bytes));
    code.push(...step(at.left, -1), ...get(at.left), ...AGAIN_IF, END);
    for (const [i, offset] of offsets.entries()) code.push(...get(out), ...get(sums + i), ...V128_STORE, ...leb(offset));
  }
  return body({ i32: 3, v128: AT_ONCE }, code);
}

function backwardBody(bytes: number): number[] {
  const [row, position, gradient, byRow, byPosition, count, gradients] = [0, 1, 2, 3, 4, 5, 11];
  const at = { row: 6, position: 7, byRow: 8, byPosition: 9, left: 10 };
  const code: number[] = [];
  const add = (to: number, factor: number, by: number, offset: number): void => {
    code.push(...get(to), ...get(to), ...V128_LOAD, ...leb(offset), ...get(factor), ...V128_LOAD, ...leb(offset));
    code.push(...get(by), ...F32X4_MULTIPLY, ...F32X4_ADD, ...V128_STORE, ...leb(offset));
  };
  for (const offsets of groups(bytes)) {
    code.push(...get(row), ...set(at.row), ...get(position), ...set(at.position), ...get(count), ...set(at.left));
    code.push(...get(byRow), ...set(at.byRow), ...get(byPosition), ...set(at.byPosition));
    for (const [i, offset] of offsets.entries()) code.push(...get(gradient), ...V128_LOAD, ...leb(offset), ...set(gradients + i));
    code.push(...LOOP);
    for (const [i, offset] of offsets.entries()) {
      add(at.byRow, at.position, gradients + i, offset);
      add(at.byPosition, at.row, gradients + i, offset);
    }
    code.push(...step(at.row, -bytes), ...step(at.byRow, -bytes));
    code.push(...step(at.position, bytes), ...step(at.byPosition, bytes));
    code.push(...step(at.left, -1), ...get(at.left), ...AGAIN_IF, END);
  }
  return body({ i32: 5, v128: AT_ONCE }, code);
}

/** Where a row's vectors begin, bytes, as many together as are taken at once. */
function groups(bytes: number): number[][] {
  const offsets = Array.from({ length: bytes / 4 / LANES }, (_, vector) => 4 * LANES * vector);
  return Array.from({ length: Math.ceil(offsets.length / AT_ONCE) }, (_, group) =>
    offsets.slice(group * AT_ONCE, (group + 1) * AT_ONCE),
  );
}
