import type { Random } from '../../domain/random.ts';

/** Items that the targets of a step are held against. */
export interface Negatives {
  readonly items: Int32Array;
  /** Log of how many items each stands for: of one over the chance with which it is drawn. */
  readonly corrections: Float32Array;
}

/**
 * Draws negatives for one step after the other, from the items that anybody took. What was often taken is likelier to be drawn,
 * by the square root of how often: that is where a softmax has its weight, so that as many negatives estimate it better than even
 * draws do, and what is rare still comes. Chances end at 1, so that a small catalogue is taken whole and the sum is exact.
 *
 * One item is drawn in each of equal parts of the summed chances (systematic sampling; Madow 1949, with a draw of its own for
 * each part), which estimates with less noise than draws that know nothing of each other.
 * @param counts how often each item was taken
 * @param size how many to draw, where there are as many
 */
export function createNegatives(counts: ArrayLike<number>, size: number): (random: Random) => Negatives {
  const items = Int32Array.from({ length: counts.length }, (_, i) => i).filter((i) => counts[i]! > 0);
  const chances = inclusionChances(
    Float64Array.from(items, (item) => Math.sqrt(counts[item]!)),
    size,
  );
  const drawn = Math.min(size, items.length);
  const ends = new Float64Array(items.length);
  let end = 0;
  for (let i = 0; i < items.length; i++) {
    end += chances[i]!;
    ends[i] = end;
  }
  return (random) => {
    const negatives = { items: new Int32Array(drawn), corrections: new Float32Array(drawn) };
    let i = 0;
    for (let part = 0; part < drawn; part++) {
      const at = part + random();
      while (i < items.length - 1 && ends[i]! <= at) i++;
      negatives.items[part] = items[i]!;
      negatives.corrections[part] = -Math.log(chances[i]!);
    }
    return negatives;
  };
}

/** Chances in proportion to the weights, 1 at most, that sum up to `size`; all are 1 where there are no more than that. */
function inclusionChances(weights: Float64Array, size: number): Float64Array {
  if (weights.length <= size) return new Float64Array(weights.length).fill(1);
  const chances = new Float64Array(weights.length);
  const heaviestFirst = [...weights.keys()].sort((a, b) => weights[b]! - weights[a]!);
  let left = size;
  let rest = weights.reduce((sum, weight) => sum + weight, 0);
  for (const i of heaviestFirst) {
    const chance = (left * weights[i]!) / rest;
    chances[i] = Math.min(1, chance);
    if (chance < 1) continue;
    left--;
    rest -= weights[i]!;
  }
  return chances;
}
