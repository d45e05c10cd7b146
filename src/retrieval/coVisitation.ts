import { UserError } from '../domain/errors.ts';
import type { Sequences } from './interactions.ts';
import type { CoVisitation } from './models.ts';

export interface CoVisitationSettings {
  /** How many entries ahead (and, undirected, behind) count. */
  readonly window: number;
  /** Weight of each further entry: `decay ** (distance − 1)`. */
  readonly decay: number;
  /** Scores are divided by the neighbour's frequency to this power, against everything leading to what is popular. */
  readonly norm: number;
  /** The same for the item it starts from: 1 makes a row a distribution. */
  readonly fromNorm: number;
  readonly directed: boolean;
  /** Neighbours kept in all, which bounds memory at 8 bytes each; at least 100 an item. */
  readonly budget: number;
  /** History entries read by `scoreHistory`, and the weight of each further one back, unless it is told otherwise. */
  readonly last: number;
  readonly historyDecay: number;
}

/** The learned lists: neighbours of item `i` are `offsets[i]` up to `offsets[i + 1]`, best first. */
export interface CoVisitationData {
  readonly settings: CoVisitationSettings;
  readonly offsets: Int32Array;
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

/** Items are no more than this; with it, a positive score's bits and an item fit the 53 bits of a whole number. */
const PLACES = 2 ** 22;

/**
 * Counts which items follow which within the same history. Goes item by item through its occurrences with one dense
 * accumulator, so memory does not grow with the window. Time: entries × window.
 * @throws UserError where people took anything of more than 2²² items
 */
export function buildCoVisitation(sequences: Sequences, itemCount: number, settings: CoVisitationSettings): CoVisitationData {
  const { offsets, items } = sequences;
  if (itemCount > PLACES && items.length > 0)
    throw new UserError(
      `what people take together can be counted for at most ${PLACES} items, and the catalogue has ${itemCount}: leave items out, or the events`,
    );
  const places = occurrences(items, itemCount);
  const ends = new Int32Array(items.length);
  const begins = new Int32Array(items.length);
  for (let a = 0; a + 1 < offsets.length; a++) {
    ends.fill(offsets[a + 1]!, offsets[a]!, offsets[a + 1]!);
    begins.fill(offsets[a]!, offsets[a]!, offsets[a + 1]!);
  }
  const weights = Float64Array.from({ length: settings.window + 1 }, (_, distance) => settings.decay ** (distance - 1));
  const damping = Float64Array.from({ length: itemCount }, (_, i) => frequency(places.offsets, i) ** -settings.norm);
  const keep = Math.max(100, Math.floor(settings.budget / Math.max(1, itemCount)));

  const sums = new Float64Array(itemCount);
  const touched = new Int32Array(itemCount);
  const keys = new Float64Array(itemCount);
  const score = new Float32Array(1);
  const bits = new Int32Array(score.buffer);
  const outOffsets = new Int32Array(itemCount + 1);
  let outItems = new Int32Array(1024);
  let outScores = new Float32Array(1024);
  let size = 0;
  for (let from = 0; from < itemCount; from++) {
    let met = 0;
    for (let p = places.offsets[from]!; p < places.offsets[from + 1]!; p++) {
      const at = places.positions[p]!;
      const begin = settings.directed ? at + 1 : Math.max(begins[at]!, at - settings.window);
      const end = Math.min(ends[at]!, at + settings.window + 1);
      for (let i = begin; i < end; i++) {
        const to = items[i]!;
        if (to === from) continue;
        if (sums[to] === 0) touched[met++] = to;
        sums[to]! += weights[i < at ? at - i : i - at]!;
      }
    }
    const own = frequency(places.offsets, from) ** -settings.fromNorm;
    // Best first, of equals the first item: scores are positive, so their bits order as they do.
    for (let i = 0; i < met; i++) {
      const to = touched[i]!;
      score[0] = sums[to]! * damping[to]! * own;
      keys[i] = bits[0]! * PLACES + (PLACES - 1 - to);
      sums[to] = 0;
    }
    const sorted = keys.subarray(0, met).sort();
    const kept = Math.min(keep, met);
    while (size + kept > outItems.length) {
      outItems = larger(outItems, new Int32Array(outItems.length * 2));
      outScores = larger(outScores, new Float32Array(outScores.length * 2));
    }
    for (let i = 0; i < kept; i++) {
      const key = sorted[met - 1 - i]!;
      bits[0] = Math.floor(key / PLACES);
      outItems[size] = PLACES - 1 - (key - bits[0] * PLACES);
      outScores[size] = score[0]!;
      size++;
    }
    outOffsets[from + 1] = size;
  }
  return { settings, offsets: outOffsets, items: outItems.slice(0, size), scores: outScores.slice(0, size) };
}

/** Lookups on the lists. */
export function createCoVisitation(data: CoVisitationData): CoVisitation {
  const { offsets, items, scores, settings } = data;
  const itemCount = offsets.length - 1;
  // What the last call of `reach` met; used again, for nothing here awaits.
  const reached = { items: new Int32Array(itemCount), scores: new Float32Array(itemCount) };
  /** The call of `reach` in which an item was last met. */
  const rounds = new Uint32Array(itemCount);
  let met = 0;
  let round = 0;
  const known = (from: number) => from >= 0 && from < itemCount;
  const accumulate: CoVisitation['accumulate'] = (from, weight, into) => {
    if (!known(from)) return;
    for (let i = offsets[from]!; i < offsets[from + 1]!; i++) {
      const to = items[i]!;
      if (to < into.length) into[to]! += weight * scores[i]!;
    }
  };
  return {
    accumulate,
    accumulatePlaced(from, weight, places, into) {
      if (!known(from)) return;
      const end = offsets[from + 1]!;
      for (let i = offsets[from]!; i < end; i++) {
        const place = places[items[i]!]!;
        if (place > 0) into[place - 1]! += weight * scores[i]!;
      }
    },
    reach(ordinals) {
      for (let i = 0; i < met; i++) reached.scores[reached.items[i]!] = 0;
      met = 0;
      round++;
      const count = Math.min(settings.last, ordinals.length);
      for (let age = 0; age < count; age++) {
        const from = ordinals[ordinals.length - 1 - age]!;
        if (!known(from)) continue;
        const weight = settings.historyDecay ** age;
        for (let i = offsets[from]!; i < offsets[from + 1]!; i++) {
          const to = items[i]!;
          reached.scores[to]! += weight * scores[i]!;
          if (rounds[to] === round) continue;
          rounds[to] = round;
          reached.items[met++] = to;
        }
      }
      return { items: reached.items.subarray(0, met), scores: reached.scores };
    },
    scoreHistory(ordinals, { last = settings.last, decay = settings.historyDecay } = {}) {
      const sums = new Float32Array(itemCount);
      const count = Math.min(last, ordinals.length);
      for (let age = 0; age < count; age++) accumulate(ordinals[ordinals.length - 1 - age]!, decay ** age, sums);
      return sums;
    },
  };
}

/** Places in the sequences at which each item occurs. */
function occurrences(items: Int32Array, itemCount: number): { offsets: Int32Array; positions: Int32Array } {
  const offsets = new Int32Array(itemCount + 1);
  for (const item of items) offsets[item + 1]!++;
  for (let i = 0; i < itemCount; i++) offsets[i + 1]! += offsets[i]!;
  const next = offsets.slice(0, itemCount);
  const positions = new Int32Array(items.length);
  for (let i = 0; i < items.length; i++) positions[next[items[i]!]!++] = i;
  return { offsets, positions };
}

const frequency = (offsets: Int32Array, item: number): number => Math.max(1, offsets[item + 1]! - offsets[item]!);

function larger<T extends Int32Array | Float32Array>(source: T, target: T): T {
  target.set(source);
  return target;
}
