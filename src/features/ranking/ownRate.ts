import type { RankingFeature } from '../feature.ts';
import { shownOf } from '../state/shown.ts';
import { baseRate, logLift } from '../statistics.ts';
import { categoryCodes, categoryFields } from './categories.ts';
import type { FeatureInputs } from './shared.ts';

/** Imaginary showings at the person's own rate. */
const STRENGTH = 8;

/**
 * How often this person acts on what they are shown of the candidate's categories, against their own rate over everything:
 * mean and best of its categories, for each category field. And how often this very item was shown to them and acted upon.
 */
export function ownRate({ statistics, fields, catalogue, weights }: FeatureInputs): RankingFeature {
  const names = categoryFields(fields);
  const codes = categoryCodes(names);
  const codesOf = (id: string): readonly Int32Array[] | undefined => {
    const ordinal = catalogue.ordinal(id);
    const item = ordinal === undefined ? undefined : catalogue.at(ordinal);
    return ordinal === undefined || item === undefined ? undefined : codes.all(ordinal, item);
  };
  return {
    name: 'own-rate',
    version: 1,
    columns: ['own.shown', 'own.acted', ...names.flatMap((name) => [`own.${name}`, `own.${name}.best`])],
    sources: ['actions', 'impressions', 'catalogue'],
    write: ({ size, candidates, history, query }, out, offset, stride) => {
      if (statistics === undefined) return;
      const { items: shownIds } = shownOf(query.userState);
      const shown = shownIds.map(codesOf);
      const acted = history.map((entry) => codesOf(entry.itemId));
      const actedWeights = history.map((entry) => weights[entry.type] ?? 1);
      const offered = candidates.map(({ ordinal, item }) => codes.all(ordinal, item));
      const actions = actedWeights.reduce((sum, weight) => sum + weight, 0);
      const base = baseRate(statistics);
      const own = (actions + STRENGTH * base) / (shown.length + STRENGTH);
      const times = new Map<string, [number, number]>();
      for (const { id } of candidates) times.set(id, [0, 0]);
      for (const id of shownIds) {
        const counts = times.get(id);
        if (counts !== undefined) counts[0]++;
      }
      for (const { itemId } of history) {
        const counts = times.get(itemId);
        if (counts !== undefined) counts[1]++;
      }
      for (let i = 0; i < size; i++) {
        const counts = times.get(candidates[i]!.id)!;
        out[i * stride + offset] = Math.log1p(counts[0]);
        out[i * stride + offset + 1] = Math.log1p(counts[1]);
      }
      for (let field = 0; field < names.length; field++) {
        const shownCounts = new Float32Array(codes.count(field));
        const actedCounts = new Float32Array(codes.count(field));
        for (const item of shown) if (item !== undefined) for (const code of item[field]!) shownCounts[code]!++;
        acted.forEach((item, i) => {
          if (item !== undefined) for (const code of item[field]!) actedCounts[code]! += actedWeights[i]!;
        });
        for (let i = 0; i < size; i++) {
          const at = i * stride + offset + 2 + field * 2;
          const values = offered[i]![field]!;
          let sum = 0;
          let best = 0;
          for (const code of values) {
            const lift = logLift(actedCounts[code]!, shownCounts[code]!, own, STRENGTH);
            sum += lift;
            if (Math.abs(lift) > Math.abs(best)) best = lift;
          }
          out[at] = sum / Math.max(1, values.length);
          out[at + 1] = best;
        }
      }
    },
  };
}
