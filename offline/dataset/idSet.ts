/**
 * A set of many ids in little memory: 64 bits of each id's hash, open addressing. Ten million ids take 268 MB at most; two
 * different ids are taken for one with a chance of 3 in a million at that size.
 */
export class IdSet {
  #slots = new Uint32Array(2 << 12);
  #mask = (1 << 12) - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(id: string): boolean {
    const [high, low] = hash64(id);
    return this.#find(high, low) < 0;
  }

  /** @returns whether it was new */
  add(id: string): boolean {
    const [high, low] = hash64(id);
    const slot = this.#find(high, low);
    if (slot < 0) return false;
    this.#slots[slot] = high;
    this.#slots[slot + 1] = low;
    if (++this.#size * 3 > (this.#mask + 1) * 2) this.#grow();
    return true;
  }

  /** The free slot where the hash would go; -1 where it is there already. */
  #find(high: number, low: number): number {
    for (let i = low & this.#mask; ; i = (i + 1) & this.#mask) {
      const slot = i * 2;
      const atHigh = this.#slots[slot];
      const atLow = this.#slots[slot + 1];
      if (atHigh === 0 && atLow === 0) return slot;
      if (atHigh === high && atLow === low) return -1;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#mask = this.#mask * 2 + 1;
    this.#slots = new Uint32Array((this.#mask + 1) * 2);
    for (let i = 0; i < old.length; i += 2) {
      const high = old[i] ?? 0;
      const low = old[i + 1] ?? 0;
      if (high === 0 && low === 0) continue;
      const slot = this.#find(high, low);
      this.#slots[slot] = high;
      this.#slots[slot + 1] = low;
    }
  }
}

/** Two rounds of MurmurHash3's 32-bit mixing over the UTF-16 units, with different seeds; never zero in both. */
function hash64(text: string): readonly [number, number] {
  let a = 0x9747b28c;
  let b = 0x3c6ef372;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0xcc9e2d51);
    a ^= a >>> 15;
    b = Math.imul(b ^ unit, 0x1b873593);
    b ^= b >>> 13;
  }
  return [finish(a), finish(b ^ a) || 1];
}

function finish(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
