import type { FieldDefinitions } from '../../config/schema.ts';
import type { Item } from '../../domain/item.ts';
import type { RankingFeature } from '../feature.ts';
import { type FeatureInputs, ranksOf, remembered } from './shared.ts';

const MOST_FIELDS = 8;
const LAST = 20;

/**
 * The item's numbers: each on a logarithmic scale, by rank within the list (0 lowest, 1 highest), and its distance from what
 * the person usually takes. A missing number stands at the list's mean.
 */
export function numbers({ fields, catalogue }: FeatureInputs): RankingFeature {
  const names = numberFields(fields);
  const numbersOf = remembered((item) => Float64Array.from(names, (name) => numberOf(item, name)));
  return {
    name: 'numbers',
    version: 1,
    columns: names.flatMap((name) => [`number.${name}`, `number.${name}.rank`, `number.${name}.distance`]),
    sources: ['actions', 'catalogue'],
    write: ({ size, candidates, historyOrdinals }, out, offset, stride) => {
      const latest = historyOrdinals.slice(-LAST).flatMap((ordinal) => {
        const item = catalogue.at(ordinal);
        return item === undefined ? [] : [numbersOf(ordinal, item)];
      });
      const offered = candidates.map(({ ordinal, item }) => numbersOf(ordinal, item));
      for (let field = 0; field < names.length; field++) {
        const own = mean(latest.map((item) => item[field]!));
        const values = offered.map((item) => item[field]!);
        const usual = mean(values) || 0;
        const filled = new Float32Array(size);
        for (let i = 0; i < size; i++) filled[i] = Number.isNaN(values[i]) ? usual : values[i]!;
        const ranks = ranksOf(filled);
        for (let i = 0; i < size; i++) {
          const at = i * stride + offset + field * 3;
          out[at] = filled[i]!;
          out[at + 1] = size === 1 ? 0.5 : 1 - (ranks[i]! - 1) / (size - 1);
          out[at + 2] = Number.isNaN(own) ? 0 : Math.abs(filled[i]! - own);
        }
      }
    },
  };
}

const numberFields = (fields: FieldDefinitions): string[] =>
  Object.keys(fields)
    .filter((name) => fields[name]!.type === 'number' || fields[name]!.type === 'date')
    .slice(0, MOST_FIELDS);

/** The number with its sign on a logarithmic scale; NaN where it is missing. */
function numberOf(item: Item, name: string): number {
  const value = item.fields[name];
  return typeof value === 'number' ? Math.sign(value) * Math.log1p(Math.abs(value)) : Number.NaN;
}

/** Mean of the numbers that are there; NaN without any. */
function mean(values: readonly number[]): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}
