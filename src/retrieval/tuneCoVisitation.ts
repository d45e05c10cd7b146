import { buildCoVisitation, type CoVisitationSettings, createCoVisitation } from './coVisitation.ts';
import { type Interactions, selectEntries, toSequences } from './interactions.ts';

/** Where the search for what follows what starts, and what is used where there is too little to choose by. */
export const followDefaults: CoVisitationSettings = {
  window: 10,
  decay: 0.8,
  norm: 0.25,
  fromNorm: 0.5,
  directed: true,
  budget: 8_000_000,
  last: 10,
  historyDecay: 0.6,
};

/** The same for what the same people take at all. */
export const togetherDefaults: CoVisitationSettings = {
  ...followDefaults,
  window: 50,
  decay: 0.97,
  norm: 0.4,
  directed: false,
  last: 20,
  historyDecay: 0.8,
};

/** What is tried, one setting after the other, each from the best so far. */
const FOLLOW_STEPS: readonly Partial<CoVisitationSettings>[][] = [
  [{ norm: 0 }, { norm: 0.1 }, { norm: 0.4 }],
  [
    { last: 5, historyDecay: 0.5 },
    { last: 20, historyDecay: 0.8 },
  ],
  [{ window: 30, decay: 0.95 }],
];
const TOGETHER_STEPS: readonly Partial<CoVisitationSettings>[][] = [
  [
    { window: 10, decay: 0.8 },
    { window: 100, decay: 0.98 },
  ],
  [{ norm: 0 }, { norm: 0.1 }, { norm: 0.6 }],
  [
    { last: 10, historyDecay: 0.6 },
    { last: 50, historyDecay: 0.95 },
  ],
];
const SAMPLE = 1500;
const MIN_SAMPLE = 50;
/** Less of an improvement than this may be chance. */
const WORTH_IT = 1.01;
/** Entries that are enough to compare settings on. */
const ENOUGH = 1_500_000;

/**
 * Chooses the settings of both tables by where they rank each actor's last entry, from the entries before it: coordinate
 * descent over a few values. What follows what is judged by the head of the list (NDCG@10), what goes together by its length
 * too (1/log₂(1 + rank) of all ranks), as it is there to bring candidates. Deterministic.
 */
export function tuneCoVisitation(interactions: Interactions): { follow: CoVisitationSettings; together: CoVisitationSettings } {
  const held = holdOutLast(sampleActors(interactions));
  if (held.cases.length < MIN_SAMPLE) return { follow: followDefaults, together: togetherDefaults };
  return {
    follow: descend(held, interactions.itemCount, followDefaults, FOLLOW_STEPS, 10),
    together: descend(held, interactions.itemCount, togetherDefaults, TOGETHER_STEPS, Number.POSITIVE_INFINITY),
  };
}

type HeldOut = ReturnType<typeof holdOutLast>;

function descend(
  held: HeldOut,
  itemCount: number,
  start: CoVisitationSettings,
  steps: readonly Partial<CoVisitationSettings>[][],
  cut: number,
): CoVisitationSettings {
  let built: { key: string; table: ReturnType<typeof createCoVisitation> } | undefined;
  const quality = (settings: CoVisitationSettings): number => {
    const { last, historyDecay, ...shape } = settings;
    const key = JSON.stringify(shape);
    if (built?.key !== key) built = { key, table: createCoVisitation(buildCoVisitation(held.sequences, itemCount, settings)) };
    return meanGain(built.table, held, { last, decay: historyDecay }, cut);
  };
  let best = start;
  let bestQuality = quality(best);
  for (const step of steps) {
    let next = best;
    for (const change of step) {
      const tried = { ...best, ...change };
      const value = quality(tried);
      if (value > bestQuality * WORTH_IT) [next, bestQuality] = [tried, value];
    }
    best = next;
  }
  return best;
}

function meanGain(
  table: ReturnType<typeof createCoVisitation>,
  held: HeldOut,
  options: { last: number; decay: number },
  cut: number,
): number {
  let sum = 0;
  for (const { history, target } of held.cases) {
    const scores = table.scoreHistory(history, options);
    if (scores[target]! <= 0) continue;
    for (const seen of history) scores[seen] = 0;
    let rank = 1;
    for (let i = 0; i < scores.length; i++) if (scores[i]! > scores[target]!) rank++;
    if (rank <= cut) sum += 1 / Math.log2(1 + rank);
  }
  return sum / held.cases.length;
}

/** Every k-th actor, so that about as many entries are left as are enough. */
function sampleActors(interactions: Interactions): Interactions {
  const { offsets, items } = interactions;
  const step = Math.ceil(items.length / ENOUGH);
  return step <= 1 ? interactions : selectEntries(interactions, (a) => (a % step === 0 ? offsets[a + 1]! - offsets[a]! : 0));
}

/** The sequences without the last entry of the sampled actors, and those entries with what came before them. */
function holdOutLast(interactions: Interactions) {
  const whole = toSequences(interactions);
  const eligible: number[] = [];
  for (let a = 0; a + 1 < whole.offsets.length; a++) {
    const start = whole.offsets[a]!;
    const end = whole.offsets[a + 1]!;
    const seen = whole.items.subarray(start, end - 1).includes(whole.items[end - 1]!);
    if (end - start >= 3 && !seen) eligible.push(a);
  }
  const step = Math.max(1, Math.floor(eligible.length / SAMPLE));
  const sampled = eligible.filter((_, i) => i % step === 0).slice(0, SAMPLE);
  const chosen = new Set(sampled);
  const cases = sampled.map((a) => {
    const end = whole.offsets[a + 1]! - 1;
    return { history: whole.items.slice(Math.max(whole.offsets[a]!, end - 200), end), target: whole.items[end]! };
  });
  const { offsets } = interactions;
  const cut = selectEntries(interactions, (actor) => offsets[actor + 1]! - offsets[actor]! - (chosen.has(actor) ? 1 : 0));
  return { sequences: toSequences(cut), cases };
}
