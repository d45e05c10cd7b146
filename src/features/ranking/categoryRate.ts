import type { RankingFeature } from '../feature.ts';
import { baseRate, logLift } from '../statistics.ts';
import { categoryFields } from './categories.ts';
import { type FeatureInputs, ranksOf } from './shared.ts';

const STRENGTH = 50;

/** How often items of the candidate's categories are acted upon when shown, by everybody: the mean over its categories, and its rank in the list. */
export function categoryRate({ statistics, fields }: FeatureInputs): RankingFeature {
  const names = categoryFields(fields);
  return {
    name: 'category-rate',
    version: 1,
    columns: names.flatMap((name) => [`rate.${name}`, `rate.${name}.rank`]),
    sources: ['catalogue', 'models'],
    write: ({ size, candidates }, out, offset, stride) => {
      if (statistics === undefined) return;
      const base = baseRate(statistics);
      const lifts = new Float32Array(size);
      for (let field = 0; field < names.length; field++) {
        const table = statistics.categories[names[field]!] ?? {};
        // Lists repeat their categories: each is looked up, and its logarithm taken, once.
        const known = new Map<string, number>();
        const liftOf = (category: string): number => {
          let lift = known.get(category);
          if (lift === undefined) {
            const counts = Object.hasOwn(table, category) ? table[category] : undefined;
            lift = counts === undefined ? 0 : logLift(counts[1], counts[0], base, STRENGTH);
            known.set(category, lift);
          }
          return lift;
        };
        for (let i = 0; i < size; i++) {
          const value = candidates[i]!.item.fields[names[field]!];
          const values = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
          let sum = 0;
          for (const category of values) sum += liftOf(String(category));
          lifts[i] = sum / Math.max(1, values.length);
        }
        const ranks = ranksOf(lifts);
        for (let i = 0; i < size; i++) {
          const at = i * stride + offset + field * 2;
          out[at] = lifts[i]!;
          out[at + 1] = size === 1 ? 0.5 : 1 - (ranks[i]! - 1) / (size - 1);
        }
      }
    },
  };
}
