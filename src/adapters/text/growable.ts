import { bufferFor } from '../../kernels/pages.ts';

interface Kind<A> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): A;
}

/** Numbers that keep coming, in one typed array that is copied to twice the room when it is full. */
abstract class Growable<A extends Uint8Array | Uint16Array | Uint32Array> {
  values: A;
  length = 0;
  readonly #kind: Kind<A>;

  constructor(kind: Kind<A>) {
    this.#kind = kind;
    this.values = this.#room(16);
  }

  push(value: number): number {
    if (this.length === this.values.length) this.#reserve(this.length + 1);
    this.values[this.length] = value;
    return this.length++;
  }

  at(index: number): number {
    return this.values[index] ?? 0;
  }

  /** Makes index valid; places never written hold 0. */
  set(index: number, value: number): void {
    if (index >= this.length) {
      this.#reserve(index + 1);
      this.length = index + 1;
    }
    this.values[index] = value;
  }

  /** Lets go of all numbers and their room. */
  clear(): void {
    this.values = this.#room(16);
    this.length = 0;
  }

  #reserve(capacity: number): void {
    if (capacity <= this.values.length) return;
    const values = this.#room(Math.max(capacity, this.values.length * 2));
    values.set(this.values);
    this.values = values;
  }

  #room(capacity: number): A {
    return new this.#kind(bufferFor(capacity * this.#kind.BYTES_PER_ELEMENT));
  }
}

export class GrowableUint8 extends Growable<Uint8Array> {
  constructor() {
    super(Uint8Array);
  }
}

/** Numbers up to 65,535. */
export class GrowableUint16 extends Growable<Uint16Array> {
  constructor() {
    super(Uint16Array);
  }
}

export class GrowableUint32 extends Growable<Uint32Array> {
  constructor() {
    super(Uint32Array);
  }
}
