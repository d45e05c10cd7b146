/**
 * A set of strings by 64-bit hash, at about 16 bytes an entry: which of tens of millions of event ids came before. Two
 * different ids pass for the same with a chance of one in 10⁵ at ten million ids.
 */
export class IdSet {
  #low = new Uint32Array(1 << 12);
  #high = new Uint32Array(1 << 12);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns whether the id is new */
  add(id: string): boolean {
    if (this.#size * 2 >= this.#low.length) this.#grow();
    let low = 0x811c9dc5;
    let high = 0x9e3779b9;
    for (let i = 0; i < id.length; i++) {
      const unit = id.charCodeAt(i);
      low = Math.imul(low ^ unit, 0x01000193);
      high = Math.imul(high ^ (unit + i), 0x85ebca6b);
      high ^= high >>> 13;
    }
    // 0, 0 marks an empty place.
    return this.#insert(mix(low) || 1, mix(high ^ low));
  }

  #insert(low: number, high: number): boolean {
    const lows = this.#low;
    const highs = this.#high;
    const mask = lows.length - 1;
    let at = low & mask;
    while (lows[at] !== 0) {
      if (lows[at] === low && highs[at] === high) return false;
      at = (at + 1) & mask;
    }
    lows[at] = low;
    highs[at] = high;
    this.#size++;
    return true;
  }

  #grow(): void {
    const [lows, highs] = [this.#low, this.#high];
    this.#low = new Uint32Array(lows.length * 2);
    this.#high = new Uint32Array(lows.length * 2);
    this.#size = 0;
    for (let i = 0; i < lows.length; i++) if (lows[i] !== 0) this.#insert(lows[i]!, highs[i]!);
  }
}

/** MurmurHash3's finaliser. */
function mix(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
