/** The k-th best of the scores so far: a heap with the worst on top. */
export class Floor {
  readonly #heap: Float64Array;
  #size = 0;
  /** −∞ until there are k. */
  value = Number.NEGATIVE_INFINITY;

  constructor(k: number) {
    this.#heap = new Float64Array(k);
  }

  offer(score: number): void {
    const heap = this.#heap;
    if (this.#size < heap.length) {
      let at = this.#size++;
      while (at > 0 && heap[(at - 1) >> 1]! > score) {
        heap[at] = heap[(at - 1) >> 1]!;
        at = (at - 1) >> 1;
      }
      heap[at] = score;
      if (this.#size === heap.length) this.value = heap[0]!;
      return;
    }
    if (score <= this.value) return;
    let at = 0;
    for (let child = 1; child < this.#size; child = 2 * at + 1) {
      if (child + 1 < this.#size && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= score) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = score;
    this.value = heap[0]!;
  }
}
