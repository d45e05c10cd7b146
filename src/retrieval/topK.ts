/**
 * The `k` highest of the scores above `floor` that `has` lets through, best first; equal scores by ascending index. A heap of
 * k, so the check is asked only of what would get in.
 * @param among the only indices that are looked at, each once; all when absent
 */
export function topK(
  scores: Float32Array | Float64Array,
  k: number,
  has: (index: number) => boolean = () => true,
  floor = Number.NEGATIVE_INFINITY,
  among?: Int32Array,
): { index: number; score: number }[] {
  if (k <= 0) return [];
  const count = among?.length ?? scores.length;
  const heap = new Int32Array(Math.min(k, count));
  let size = 0;
  const worse = (a: number, b: number) => scores[a]! < scores[b]! || (scores[a] === scores[b] && a > b);
  const sink = (start: number) => {
    let i = start;
    for (;;) {
      const left = 2 * i + 1;
      let least = left < size && worse(heap[left]!, heap[i]!) ? left : i;
      if (left + 1 < size && worse(heap[left + 1]!, heap[least]!)) least = left + 1;
      if (least === i) return;
      const swap = heap[i]!;
      heap[i] = heap[least]!;
      heap[least] = swap;
      i = least;
    }
  };
  // The bar is kept at hand, since nearly everything stays below it.
  let bar = floor;
  for (let at = 0; at < count; at++) {
    const i = among === undefined ? at : among[at]!;
    const score = scores[i]!;
    if (!(score > floor) || score < bar) continue;
    if (size < heap.length) {
      if (!has(i)) continue;
      heap[size++] = i;
      if (size < heap.length) continue;
      for (let j = (size >> 1) - 1; j >= 0; j--) sink(j);
    } else if (worse(heap[0]!, i) && has(i)) {
      heap[0] = i;
      sink(0);
    } else continue;
    bar = scores[heap[0]!]!;
  }
  return Array.from(heap.subarray(0, size))
    .sort((a, b) => (worse(a, b) ? 1 : -1))
    .map((index) => ({ index, score: scores[index]! }));
}
