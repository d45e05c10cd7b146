export interface Scored {
  readonly index: number;
  readonly score: number;
}

/** The best `k` of the indices it is offered, equal scores by ascending index: a binary heap with the worst on top. */
export class TopK {
  readonly #indices: Uint32Array;
  readonly #scores: Float64Array;
  #size = 0;

  constructor(k: number) {
    this.#indices = new Uint32Array(k);
    this.#scores = new Float64Array(k);
  }

  /** The score of the worst of `k`: what is below does not get in. */
  get bar(): number {
    return this.#size < this.#indices.length ? Number.NEGATIVE_INFINITY : (this.#scores[0] ?? Number.POSITIVE_INFINITY);
  }

  /** Whether this would get in: asked before a dearer check. */
  accepts(index: number, score: number): boolean {
    return this.#size < this.#indices.length || (this.#size > 0 && this.#isWorse(0, index, score));
  }

  offer(index: number, score: number): void {
    if (this.#size < this.#indices.length) this.#rise(index, score);
    else if (this.accepts(index, score)) this.#sink(index, score);
  }

  sorted(): Scored[] {
    const found = Array.from({ length: this.#size }, (_, i) => ({ index: this.#indices[i]!, score: this.#scores[i]! }));
    return found.sort((a, b) => b.score - a.score || a.index - b.index);
  }

  #isWorse(at: number, index: number, score: number): boolean {
    const there = this.#scores[at]!;
    return there < score || (there === score && this.#indices[at]! > index);
  }

  #rise(index: number, score: number): void {
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (this.#isWorse(parent, index, score)) break;
      this.#move(at, parent);
      at = parent;
    }
    this.#put(at, index, score);
  }

  #sink(index: number, score: number): void {
    const size = this.#size;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      const right = child + 1;
      if (right < size && this.#isWorse(right, this.#indices[child]!, this.#scores[child]!)) child = right;
      if (!this.#isWorse(child, index, score)) break;
      this.#move(at, child);
      at = child;
    }
    this.#put(at, index, score);
  }

  #move(to: number, from: number): void {
    this.#put(to, this.#indices[from]!, this.#scores[from]!);
  }

  #put(at: number, index: number, score: number): void {
    this.#indices[at] = index;
    this.#scores[at] = score;
  }
}

/**
 * The `k` highest of the scores above `floor` that `has` lets through, best first; equal scores by ascending index. The check is
 * asked only of what would get in.
 * @param among the only indices that are looked at, each once; all when absent
 */
export function topK(
  scores: Float32Array | Float64Array,
  k: number,
  has: (index: number) => boolean = () => true,
  floor = Number.NEGATIVE_INFINITY,
  among?: Int32Array,
): Scored[] {
  const count = among?.length ?? scores.length;
  const top = new TopK(Math.max(0, Math.min(k, count)));
  // The bar is kept at hand, since nearly everything stays below it.
  let { bar } = top;
  for (let at = 0; at < count; at++) {
    const index = among === undefined ? at : among[at]!;
    const score = scores[index]!;
    if (!(score > floor) || score < bar || !top.accepts(index, score) || !has(index)) continue;
    top.offer(index, score);
    bar = top.bar;
  }
  return top.sorted();
}
