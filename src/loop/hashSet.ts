/** A set of non-negative doubles below 2^53, open addressing in one Float64Array: 10 million in about 270 MB at most. */
export class HashSet {
  #slots = new Float64Array(1024).fill(-1);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Whether the value is new. */
  add(value: number): boolean {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    if (!place(this.#slots, value)) return false;
    this.#size++;
    return true;
  }

  #grow(): void {
    const slots = new Float64Array(this.#slots.length * 2).fill(-1);
    for (const value of this.#slots) if (value !== -1) place(slots, value);
    this.#slots = slots;
  }
}

function place(slots: Float64Array, value: number): boolean {
  const mask = slots.length - 1;
  let slot = (Math.imul((value % 4294967296) | 0, 0x9e3779b1) >>> 7) & mask;
  while (slots[slot] !== -1) {
    if (slots[slot] === value) return false;
    slot = (slot + 1) & mask;
  }
  slots[slot] = value;
  return true;
}
