/** Numbers that keep coming, in one typed array that doubles. */
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

  private reserve(capacity: number): void {
    if (capacity <= this.values.length) return;
    const grown = new Uint32Array(Math.max(capacity, this.values.length * 2));
    grown.set(this.values);
    this.values = grown;
  }
}
