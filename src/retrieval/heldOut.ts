import { type Interactions, selectEntries, toSequences } from './interactions.ts';

/** Some actors' last entries, and what they had done before. */
export interface HeldOutEntry {
  /** Ordinals, oldest first. */
  readonly history: Int32Array;
  readonly target: number;
}

export interface HeldOutEntries {
  /** Everything but the entries that are held out. */
  readonly rest: Interactions;
  readonly cases: readonly HeldOutEntry[];
}

const MOST_CASES = 1500;
/** At most this share of the entries is held out. */
const SHARE = 0.03;
const HISTORY = 200;

/**
 * Holds out the last entry of evenly spread actors, where it is an item they did not have before. What is chosen on these
 * cases is chosen without having seen them.
 */
export function holdOutLast(interactions: Interactions): HeldOutEntries {
  const whole = toSequences(interactions);
  const eligible: number[] = [];
  for (let a = 0; a + 1 < whole.offsets.length; a++) {
    const start = whole.offsets[a]!;
    const end = whole.offsets[a + 1]!;
    if (end - start >= 3 && !whole.items.subarray(start, end - 1).includes(whole.items[end - 1]!)) eligible.push(a);
  }
  const most = Math.min(MOST_CASES, Math.floor(SHARE * whole.items.length));
  const step = Math.max(1, Math.ceil(eligible.length / Math.max(1, most)));
  const sampled = eligible.filter((_, i) => i % step === 0).slice(0, most);
  const chosen = new Set(sampled);
  const cases = sampled.map((a) => {
    const end = whole.offsets[a + 1]! - 1;
    return { history: whole.items.slice(Math.max(whole.offsets[a]!, end - HISTORY), end), target: whole.items[end]! };
  });
  return { rest: selectEntries(interactions, (a) => keptEntries(interactions, a, chosen.has(a))), cases };
}

/** All of an actor's entries, or those before the last item came, which may be there several times in a row. */
function keptEntries({ offsets, items, weights }: Interactions, actor: number, cut: boolean): number {
  const start = offsets[actor]!;
  let end = offsets[actor + 1]!;
  if (!cut) return end - start;
  while (weights[end - 1]! <= 0) end--;
  const target = items[end - 1];
  for (let i = end - 1; i >= start; i--) {
    if (weights[i]! > 0 && items[i] !== target) break;
    end = i;
  }
  return end - start;
}
