import { buildCoVisitation, type CoVisitationSettings, createCoVisitation } from './coVisitation.ts';
import { type Interactions, selectEntries, toSequences } from './interactions.ts';

/** Where the search starts, and what is used where there is too little to choose by. */
export const coVisitationDefaults: CoVisitationSettings = {
  window: 10,
  decay: 0.8,
  norm: 0.25,
  fromNorm: 0.5,
  directed: true,
  budget: 8_000_000,
  last: 10,
  historyDecay: 0.6,
};

/** What is tried, one setting after the other, from the best so far. */
const STEPS: readonly Partial<CoVisitationSettings>[][] = [
  [{ directed: false }, { directed: false, window: 50, decay: 0.97 }, { window: 50, decay: 0.95 }],
  [{ norm: 0.1 }, { norm: 0.4 }, { norm: 0.55 }],
  [
    { last: 5, historyDecay: 0.5 },
    { last: 20, historyDecay: 0.8 },
    { last: 50, historyDecay: 0.95 },
  ],
  [{ fromNorm: 0 }, { fromNorm: 0.25 }, { fromNorm: 1 }],
  [{ historyDecay: 0.4 }, { historyDecay: 0.7 }, { historyDecay: 0.9 }],
  [{ decay: 0.6 }, { decay: 0.9 }],
];
const SAMPLE = 2000;
const MIN_SAMPLE = 50;

/**
 * Chooses the settings by what they rank highest on each actor's last entry, from the entries before it: coordinate descent
 * over a few values, judged by the mean of 1/log₂(1 + rank) over up to 2,000 actors. Deterministic.
 */
export function tuneCoVisitation(interactions: Interactions): CoVisitationSettings {
  const held = holdOutLast(interactions);
  if (held.cases.length < MIN_SAMPLE) return coVisitationDefaults;
  const { itemCount } = interactions;
  const built = new Map<string, ReturnType<typeof createCoVisitation>>();
  const quality = (settings: CoVisitationSettings): number => {
    const { last, historyDecay, ...shape } = settings;
    const key = JSON.stringify(shape);
    let table = built.get(key);
    if (table === undefined) {
      table = createCoVisitation(buildCoVisitation(held.sequences, itemCount, settings));
      if (built.size > 2) built.clear();
      built.set(key, table);
    }
    let sum = 0;
    for (const { history, target } of held.cases) {
      const scores = table.scoreHistory(history, { last, decay: historyDecay });
      if (scores[target]! <= 0) continue;
      for (const seen of history) scores[seen] = 0;
      let rank = 1;
      for (let i = 0; i < scores.length; i++) if (scores[i]! > scores[target]!) rank++;
      sum += 1 / Math.log2(1 + rank);
    }
    return sum / held.cases.length;
  };
  let best = coVisitationDefaults;
  let bestQuality = quality(best);
  for (const step of STEPS) {
    let next = best;
    for (const change of step) {
      const tried = { ...best, ...change };
      const value = quality(tried);
      if (value > bestQuality) [next, bestQuality] = [tried, value];
    }
    best = next;
  }
  return best;
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
