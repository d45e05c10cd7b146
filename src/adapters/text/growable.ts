import { bufferFor } from '../../kernels/pages.ts';

/** Numbers that keep coming, in one typed array that is copied to twice the room when it is full. */
export class GrowableUint32 {
  values: Uint32Array;
  length = 0;

  constructor(capacity = 16) {
    this.values = new Uint32Array(capacity);
  }

  push(value: number): number {
    if (this.length === this.values.length) this.reserve(this.length + 1);
    this.values[this.length] = value;
    return this.length++;
  }

  at(index: number): number {
    return this.values[index] ?? 0;
  }

  /** Makes index valid; places never written hold 0. */
  set(index: number, value: number): void {
    if (index >= this.length) {
      this.reserve(index + 1);
      this.length = index + 1;
    }
    this.values[index] = value;
  }

  /** Lets go of all numbers and their room. */
  clear(): void {
    this.values = new Uint32Array(16);
    this.length = 0;
  }

  private reserve(capacity: number): void {
    if (capacity <= this.values.length) return;
    const values = new Uint32Array(bufferFor(4 * Math.max(capacity, this.values.length * 2)));
    values.set(this.values);
    this.values = values;
  }
}
