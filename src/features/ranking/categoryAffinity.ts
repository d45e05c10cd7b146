import type { RankingFeature } from '../feature.ts';
import type { Categories } from './categories.ts';
import { type FeatureInputs, log1pOf } from './shared.ts';

/** How far back a taste reaches, and what counts as of late. */
const LAST = 200;
const RECENT = 5;

/**
 * How much of the history has the candidate's categories: the mean over its categories of their share of the history, over
 * all of it and over the last few; for each category field. And how many categories it has.
 */
export function categoryAffinity({ catalogue }: Pick<FeatureInputs, 'catalogue'>, categories: Categories): RankingFeature {
  const { fields } = categories;
  return {
    name: 'category-affinity',
    version: 1,
    columns: fields.flatMap((name) => [`affinity.${name}`, `affinity.${name}.recent`, `categories.${name}`]),
    sources: ['actions', 'catalogue'],
    write: (list, out, offset, stride) => {
      const { starts, numbers, codes, places } = categories.ofList(list);
      const { size, historyOrdinals } = list;
      const all = new Float32Array(codes.length);
      const recent = new Float32Array(codes.length);
      const end = historyOrdinals.length;
      const read = Math.min(LAST, end);
      const lately = Math.min(RECENT, end);
      for (let i = end - read; i < end; i++) {
        const item = catalogue.at(historyOrdinals[i]!);
        if (item === undefined) continue;
        categories.forEach(historyOrdinals[i]!, item, (code) => {
          // A category that no candidate has, or that came up just now, has no place.
          const place = places[code] ?? 0;
          if (place === 0) return;
          all[place - 1]! += 1 / read;
          if (i >= end - RECENT) recent[place - 1]! += 1 / lately;
        });
      }
      for (let i = 0, at = 0; i < size; i++) {
        for (let field = 0; field < fields.length; field++, at++) {
          const from = starts[at]!;
          const to = starts[at + 1]!;
          let sum = 0;
          let recentSum = 0;
          for (let k = from; k < to; k++) {
            sum += all[numbers[k]!]!;
            recentSum += recent[numbers[k]!]!;
          }
          const count = Math.max(1, to - from);
          const column = i * stride + offset + field * 3;
          out[column] = sum / count;
          out[column + 1] = recentSum / count;
          out[column + 2] = log1pOf(to - from);
        }
      }
    },
  };
}
