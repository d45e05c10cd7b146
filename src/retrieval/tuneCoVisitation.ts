import { buildCoVisitation, type CoVisitationSettings, createCoVisitation } from './coVisitation.ts';
import type { HeldOutEntries } from './heldOut.ts';
import { type Interactions, type Sequences, selectEntries, toSequences } from './interactions.ts';

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
export function tuneCoVisitation({ rest, cases }: HeldOutEntries): {
  follow: CoVisitationSettings;
  together: CoVisitationSettings;
} {
  if (cases.length < MIN_SAMPLE) return { follow: followDefaults, together: togetherDefaults };
  const data: TuningData = { sequences: toSequences(sampleActors(rest)), cases };
  return {
    follow: descend(data, rest.itemCount, followDefaults, FOLLOW_STEPS, 10),
    together: descend(data, rest.itemCount, togetherDefaults, TOGETHER_STEPS, Number.POSITIVE_INFINITY),
  };
}

interface TuningData {
  readonly sequences: Sequences;
  readonly cases: HeldOutEntries['cases'];
}

function descend(
  held: TuningData,
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
  held: TuningData,
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
