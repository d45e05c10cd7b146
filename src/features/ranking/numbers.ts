import type { Item } from '../../domain/item.ts';
import { ranksOf } from '../../kernels/ranks.ts';
import type { RankingFeature } from '../feature.ts';
import { type FeatureInputs, fieldsOfType, grown, onceAnItem } from './shared.ts';

const MOST_FIELDS = 8;
const LAST = 20;

/**
 * The item's numbers: each on a logarithmic scale, by rank within the list (0 lowest, 1 highest), and its distance from what
 * the person usually takes. A missing number stands at the list's mean.
 */
export function numbers({ fields, catalogue }: FeatureInputs): RankingFeature {
  const names = fieldsOfType(fields, ['number', 'date'], MOST_FIELDS);
  const width = names.length;
  /** By ordinal, `width` numbers each. */
  let known = new Float64Array(0);
  const remember = onceAnItem((ordinal, item) => {
    if ((ordinal + 1) * width > known.length) known = grown(known, new Float64Array((2 * ordinal + 1024) * width));
    names.forEach((name, field) => {
      known[ordinal * width + field] = numberOf(item, name);
    });
  });
  return {
    name: 'numbers',
    version: 1,
    columns: names.flatMap((name) => [`number.${name}`, `number.${name}.rank`, `number.${name}.distance`]),
    sources: ['actions', 'catalogue'],
    write: ({ size, candidates, ordinals, historyOrdinals }, out, offset, stride) => {
      if (width === 0) return;
      const latest = historyOrdinals.slice(-LAST).filter((ordinal) => {
        const item = catalogue.at(ordinal);
        if (item !== undefined) remember(ordinal, item);
        return item !== undefined;
      });
      for (let i = 0; i < size; i++) remember(ordinals[i]!, candidates[i]!.item);
      const values = new Float64Array(size);
      const filled = new Float32Array(size);
      for (let field = 0; field < width; field++) {
        const own = mean(Float64Array.from(latest, (ordinal) => known[ordinal * width + field]!));
        for (let i = 0; i < size; i++) values[i] = known[ordinals[i]! * width + field]!;
        const usual = mean(values) || 0;
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

/** The number with its sign on a logarithmic scale; NaN where it is missing. */
function numberOf(item: Item, name: string): number {
  const value = item.fields[name];
  return typeof value === 'number' ? Math.sign(value) * Math.log1p(Math.abs(value)) : Number.NaN;
}

/** Mean of the numbers that are there; NaN without any. */
function mean(values: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    sum += values[i]!;
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}
