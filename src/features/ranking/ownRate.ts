import type { PreparedList, RankingFeature } from '../feature.ts';
import { shownOf } from '../state/shown.ts';
import { baseRate, logLift } from '../statistics.ts';
import type { Categories, ListCategories } from './categories.ts';
import { type FeatureInputs, log1pOf } from './shared.ts';

/** Imaginary showings at the person's own rate. */
const STRENGTH = 8;

/**
 * How often this person acts on what they are shown of the candidate's categories, against their own rate over everything:
 * mean and best of its categories, for each category field. And how often this very item was shown to them and acted upon.
 */
export function ownRate(
  { statistics, catalogue, weights }: Pick<FeatureInputs, 'statistics' | 'catalogue' | 'weights'>,
  categories: Categories,
): RankingFeature {
  const { fields } = categories;
  /** Counts an item of the person's past where the list has it, and where it has its categories. */
  const count = (
    id: string,
    weight: number,
    { places }: PreparedList,
    listed: ListCategories,
    times: Float64Array,
    byCategory: Float32Array,
  ): void => {
    const ordinal = catalogue.ordinal(id);
    const item = ordinal === undefined ? undefined : catalogue.at(ordinal);
    if (ordinal === undefined || item === undefined) return;
    const place = places[ordinal] ?? 0;
    if (place > 0) times[place - 1]!++;
    categories.forEach(ordinal, item, (code) => {
      const number = listed.places[code] ?? 0;
      if (number > 0) byCategory[number - 1]! += weight;
    });
  };
  return {
    name: 'own-rate',
    version: 1,
    columns: ['own.shown', 'own.acted', ...fields.flatMap((name) => [`own.${name}`, `own.${name}.best`])],
    sources: ['actions', 'impressions', 'catalogue'],
    write: (list, out, offset, stride) => {
      if (statistics === undefined) return;
      const { size, history, query, ordinals, places } = list;
      const listed = categories.ofList(list);
      const { starts, numbers, codes } = listed;
      const { items: shownIds } = shownOf(query.userState);
      const timesShown = new Float64Array(size);
      const timesActed = new Float64Array(size);
      const shown = new Float32Array(codes.length);
      const acted = new Float32Array(codes.length);
      let actions = 0;
      for (let i = 0; i < shownIds.length; i++) count(shownIds[i]!, 1, list, listed, timesShown, shown);
      for (let i = 0; i < history.length; i++) {
        const { itemId, type } = history[i]!;
        const weight = weights[type] ?? 1;
        actions += weight;
        count(itemId, weight, list, listed, timesActed, acted);
      }
      const base = baseRate(statistics);
      const own = (actions + STRENGTH * base) / (shownIds.length + STRENGTH);
      const lifts = new Float64Array(codes.length);
      for (let number = 0; number < codes.length; number++) {
        lifts[number] = logLift(acted[number]!, shown[number]!, own, STRENGTH);
      }
      for (let i = 0; i < size; i++) {
        const row = i * stride + offset;
        const place = places[ordinals[i]!]! - 1;
        out[row] = log1pOf(timesShown[place]!);
        out[row + 1] = log1pOf(timesActed[place]!);
        for (let field = 0; field < fields.length; field++) {
          const from = starts[i * fields.length + field]!;
          const to = starts[i * fields.length + field + 1]!;
          let sum = 0;
          let best = 0;
          for (let k = from; k < to; k++) {
            const lift = lifts[numbers[k]!]!;
            sum += lift;
            if (Math.abs(lift) > Math.abs(best)) best = lift;
          }
          out[row + 2 + field * 2] = sum / Math.max(1, to - from);
          out[row + 3 + field * 2] = best;
        }
      }
    },
  };
}
