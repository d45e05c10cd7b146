import { PAGE, pages } from './pages.ts';

/** How many floats a kernel takes at once. */
export const LANES = 4;

/** Bytes that a row of so many floats takes where a kernel reads it: padded to a multiple of `LANES`. */
export const rowBytes = (width: number): number => 4 * Math.ceil(width / LANES) * LANES;

/** Matrices where a kernel reads them, one after another, their rows padded with zeros. */
export class KernelMemory {
  readonly memory = pages(1);
  #end = 0;

  clear(): void {
    this.#end = 0;
  }

  /** A matrix of so many numbers, all zero. @returns its address */
  zeros(length: number, width: number): number {
    const at = this.#room(length, width);
    this.view(at, length, width).fill(0);
    return at;
  }

  /** @returns the copy's address */
  put(matrix: Float32Array, width: number): number {
    const at = this.#room(matrix.length, width);
    const view = this.view(at, matrix.length, width);
    const stride = rowBytes(width) / 4;
    if (stride === width) view.set(matrix);
    else {
      view.fill(0);
      for (let i = 0; i < matrix.length; i++) view[Math.floor(i / width) * stride + (i % width)] = matrix[i]!;
    }
    return at;
  }

  /** A copy of a matrix of so many numbers. */
  read(at: number, length: number, width: number): Float32Array {
    const stride = rowBytes(width) / 4;
    const view = this.view(at, length, width);
    return stride === width ? view.slice() : view.filter((_, i) => i % stride < width);
  }

  /** The same with its padding, where it is: good until something is put. */
  view(at: number, length: number, width: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, ((length / width) * rowBytes(width)) / 4);
  }

  #room(length: number, width: number): number {
    const at = this.#end;
    this.#end += (length / width) * rowBytes(width);
    const missing = this.#end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return at;
  }
}
