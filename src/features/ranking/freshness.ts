import type { RankingFeature } from '../feature.ts';
import { type FeatureInputs, fieldsOfType } from './shared.ts';

const MOST_FIELDS = 4;
const DAY = 86_400_000;

/**
 * How old the item is by each of its dates: days since, or until where it lies ahead (then negative), on a logarithmic scale. A
 * missing date stands at the list's mean.
 */
export function freshness({ fields }: Pick<FeatureInputs, 'fields'>): RankingFeature {
  const names = fieldsOfType(fields, ['date'], MOST_FIELDS);
  return {
    name: 'freshness',
    version: 1,
    columns: names.map((name) => `age.${name}`),
    sources: ['catalogue', 'request'],
    write: ({ size, candidates, query }, out, offset, stride) => {
      names.forEach((name, column) => {
        const ages = candidates.map(({ item }) => {
          const date = item.fields[name];
          if (typeof date !== 'number') return undefined;
          const days = (query.featureTime - date) / DAY;
          return Math.sign(days) * Math.log1p(Math.abs(days));
        });
        const known = ages.filter((age) => age !== undefined);
        const usual = known.reduce((sum, age) => sum + age, 0) / Math.max(1, known.length);
        for (let i = 0; i < size; i++) out[i * stride + offset + column] = ages[i] ?? usual;
      });
    },
  };
}
