/** NDCG@10 of a list with one wanted item at a place counted from 0; below 0 it is missing. */
export const gainAt = (place: number): number => (place < 0 || place >= 10 ? 0 : 1 / Math.log2(place + 2));

/** Share of the catalogue that the first k of any list show. */
export function coverageAt(lists: Iterable<readonly string[]>, k: number, catalogueSize: number): number {
  const shown = new Set<string>();
  for (const list of lists) for (const id of list.slice(0, k)) shown.add(id);
  return catalogueSize === 0 ? 0 : shown.size / catalogueSize;
}

/**
 * Mean self-information, in bits, of the first k (Zhou et al. 2010): −log2 of the share of people who acted on the item.
 * @param people how many people there are; `popularity` how many of them acted on an item
 */
export function noveltyAt(list: readonly string[], k: number, popularity: (id: string) => number, people: number): number {
  const shown = list.slice(0, k);
  let bits = 0;
  for (const id of shown) bits -= Math.log2(Math.max(1, popularity(id)) / Math.max(1, people));
  return shown.length === 0 ? 0 : bits / shown.length;
}

/**
 * How much more popular than what people take the items of some lists are: their mean popularity over `usual`, the mean popularity
 * of what was acted on. 1 shows what people take; above it leans to the popular.
 */
export function popularityBias(shown: readonly string[], usual: number, popularity: (id: string) => number): number {
  const sum = shown.reduce((total, id) => total + popularity(id), 0);
  return usual === 0 || shown.length === 0 ? 0 : sum / shown.length / usual;
}

/** Expected calibration error over ten bins of equal size: mean distance of the said probability from what happened. */
export function calibrationError(said: Float32Array, happened: Uint8Array, bins = 10): number {
  const order = Array.from(said.keys()).sort((a, b) => said[a]! - said[b]!);
  let error = 0;
  for (let bin = 0; bin < bins; bin++) {
    const members = order.slice(Math.floor((bin * order.length) / bins), Math.floor(((bin + 1) * order.length) / bins));
    let difference = 0;
    for (const i of members) difference += said[i]! - happened[i]!;
    error += Math.abs(difference) / Math.max(1, order.length);
  }
  return error;
}
