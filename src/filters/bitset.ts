/** A set of ordinals as bits, 32 to a word. What lies beyond its words is not in it. */
export class Bitset {
  words: Uint32Array;

  /** @param capacity ordinals it has room for from the start */
  constructor(capacity: number) {
    this.words = new Uint32Array((capacity + 31) >>> 5);
  }

  /** All ordinals from 0 up to, and without, `length`. */
  static full(length: number): Bitset {
    const set = new Bitset(length);
    set.words.fill(0xffffffff);
    if (length & 31) set.words[set.words.length - 1] = 2 ** (length & 31) - 1;
    return set;
  }

  has(ordinal: number): boolean {
    const word = this.words[ordinal >>> 5];
    return word !== undefined && (word & (1 << (ordinal & 31))) !== 0;
  }

  add(ordinal: number): void {
    const at = ordinal >>> 5;
    if (at >= this.words.length) this.#grow(at + 1);
    this.words[at] = (this.words[at] ?? 0) | (1 << (ordinal & 31));
  }

  delete(ordinal: number): void {
    const at = ordinal >>> 5;
    if (at < this.words.length) this.words[at] = (this.words[at] ?? 0) & ~(1 << (ordinal & 31));
  }

  /** Adds what an array has from one place up to another. */
  addAll(ordinals: Uint32Array, start = 0, end = ordinals.length): void {
    for (let i = start; i < end; i++) {
      const ordinal = ordinals[i] ?? 0;
      const at = ordinal >>> 5;
      if (at >= this.words.length) this.#grow(at + 1);
      const { words } = this;
      words[at] = (words[at] ?? 0) | (1 << (ordinal & 31));
    }
  }

  deleteAll(ordinals: Uint32Array, start = 0, end = ordinals.length): void {
    for (let i = start; i < end; i++) this.delete(ordinals[i] ?? 0);
  }

  clone(): Bitset {
    const copy = new Bitset(0);
    copy.words = this.words.slice();
    return copy;
  }

  /** Keeps what is in both. */
  and(other: Bitset): this {
    const { words } = this;
    const theirs = other.words;
    const shared = Math.min(words.length, theirs.length);
    for (let i = 0; i < shared; i++) words[i] = (words[i] ?? 0) & (theirs[i] ?? 0);
    words.fill(0, shared);
    return this;
  }

  or(other: Bitset): this {
    if (other.words.length > this.words.length) this.#grow(other.words.length);
    const { words } = this;
    const theirs = other.words;
    for (let i = 0; i < theirs.length; i++) words[i] = (words[i] ?? 0) | (theirs[i] ?? 0);
    return this;
  }

  /** Takes out what is in the other. */
  andNot(other: Bitset): this {
    const { words } = this;
    const theirs = other.words;
    const shared = Math.min(words.length, theirs.length);
    for (let i = 0; i < shared; i++) words[i] = (words[i] ?? 0) & ~(theirs[i] ?? 0);
    return this;
  }

  /** How many are in it (population count by words, as in Warren, Hacker's Delight, 5-1). */
  count(): number {
    let total = 0;
    for (let i = 0; i < this.words.length; i++) {
      let w = this.words[i] ?? 0;
      w -= (w >>> 1) & 0x55555555;
      w = (w & 0x33333333) + ((w >>> 2) & 0x33333333);
      total += (((w + (w >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
    }
    return total;
  }

  /** Calls back for each ordinal, in ascending order. */
  forEach(visit: (ordinal: number) => void): void {
    for (let i = 0; i < this.words.length; i++) {
      let word = this.words[i] ?? 0;
      while (word !== 0) {
        const lowest = word & -word;
        visit((i << 5) + 31 - Math.clz32(lowest));
        word ^= lowest;
      }
    }
  }

  toArray(): Uint32Array {
    const ordinals = new Uint32Array(this.count());
    let filled = 0;
    this.forEach((ordinal) => {
      ordinals[filled++] = ordinal;
    });
    return ordinals;
  }

  #grow(words: number): void {
    const grown = new Uint32Array(Math.max(words, this.words.length + (this.words.length >>> 2)));
    grown.set(this.words);
    this.words = grown;
  }
}

export const intersection = (a: Bitset, b: Bitset): Bitset => a.clone().and(b);
export const union = (a: Bitset, b: Bitset): Bitset => a.clone().or(b);
export const difference = (a: Bitset, b: Bitset): Bitset => a.clone().andNot(b);
