import { LARGE, PAGE, pages } from '../wasm/pages.ts';

/** A large array grows by this share of itself, in place. */
const GROWTH = 0.25;

/** Numbers that keep coming, in one typed array: one that doubles, and once it is large, pages to which others are added. */
export class GrowableUint32 {
  values: Uint32Array;
  length = 0;
  private memory: WebAssembly.Memory | undefined;

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
    this.memory = undefined;
    this.values = new Uint32Array(16);
    this.length = 0;
  }

  private reserve(capacity: number): void {
    if (capacity <= this.values.length) return;
    const wanted = Math.max(capacity, this.values.length * 2);
    if (wanted * 4 < LARGE) this.values = withNumbers(new Uint32Array(wanted), this.values);
    else if (this.memory === undefined) {
      this.memory = pages(wanted * 4);
      this.values = withNumbers(new Uint32Array(this.memory.buffer), this.values);
    } else {
      const { byteLength } = this.memory.buffer;
      const missing = Math.max(capacity * 4 - byteLength, byteLength * GROWTH);
      this.memory.grow(Math.ceil(missing / PAGE));
      this.values = new Uint32Array(this.memory.buffer);
    }
  }
}

function withNumbers(grown: Uint32Array, values: Uint32Array): Uint32Array {
  grown.set(values);
  return grown;
}
