import { ranksOf } from '../../kernels/ranks.ts';
import type { RankingFeature } from '../feature.ts';
import { baseRate, logLift } from '../statistics.ts';
import type { Categories } from './categories.ts';
import type { FeatureInputs } from './shared.ts';

const STRENGTH = 50;

/** How often items of the candidate's categories are acted upon when shown, by everybody: the mean over its categories, and its rank in the list. */
export function categoryRate({ statistics }: Pick<FeatureInputs, 'statistics'>, categories: Categories): RankingFeature {
  const { fields } = categories;
  /** `[shown, acted]` by code, as the statistics hold and change them; absent until they know the category. */
  const known: (readonly [number, number] | undefined)[] = [];
  const countsOf = (code: number): readonly [number, number] | undefined => {
    const existing = known[code];
    if (existing !== undefined) return existing;
    const { field, value } = categories.category(code);
    const table = statistics?.categories[field] ?? {};
    const counts = Object.hasOwn(table, value) ? table[value] : undefined;
    known[code] = counts;
    return counts;
  };
  return {
    name: 'category-rate',
    version: 1,
    columns: fields.flatMap((name) => [`rate.${name}`, `rate.${name}.rank`]),
    sources: ['catalogue', 'models'],
    write: (list, out, offset, stride) => {
      if (statistics === undefined) return;
      const { size } = list;
      const { starts, numbers, codes } = categories.ofList(list);
      const base = baseRate(statistics);
      // Lists repeat their categories: each one's logarithm is taken once.
      const liftOf = new Float64Array(codes.length);
      for (let number = 0; number < codes.length; number++) {
        const counts = countsOf(codes[number]!);
        if (counts !== undefined) liftOf[number] = logLift(counts[1], counts[0], base, STRENGTH);
      }
      const lifts = new Float32Array(size);
      for (let field = 0; field < fields.length; field++) {
        for (let i = 0; i < size; i++) {
          const from = starts[i * fields.length + field]!;
          const to = starts[i * fields.length + field + 1]!;
          let sum = 0;
          for (let k = from; k < to; k++) sum += liftOf[numbers[k]!]!;
          lifts[i] = sum / Math.max(1, to - from);
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
