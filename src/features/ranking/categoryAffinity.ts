import type { RankingFeature } from '../feature.ts';
import { categoryCodes, categoryFields } from './categories.ts';
import type { FeatureInputs } from './shared.ts';

/** How far back a taste reaches, and what counts as of late. */
const LAST = 200;
const RECENT = 5;

/**
 * How much of the history has the candidate's categories: the mean over its categories of their share of the history, over
 * all of it and over the last few; for each category field. And how many categories it has.
 */
export function categoryAffinity({ fields, catalogue }: FeatureInputs): RankingFeature {
  const names = categoryFields(fields);
  const codes = categoryCodes(names);
  return {
    name: 'category-affinity',
    version: 1,
    columns: names.flatMap((name) => [`affinity.${name}`, `affinity.${name}.recent`, `categories.${name}`]),
    sources: ['actions', 'catalogue'],
    write: ({ size, candidates, historyOrdinals }, out, offset, stride) => {
      const latest = historyOrdinals.slice(-LAST);
      const items = latest.map((ordinal) => {
        const item = catalogue.at(ordinal);
        return item === undefined ? undefined : codes.all(ordinal, item);
      });
      // Before anything is counted, so that every value has its code.
      const offered = candidates.map(({ ordinal, item }) => codes.all(ordinal, item));
      for (let field = 0; field < names.length; field++) {
        const all = new Float32Array(codes.count(field));
        const recent = new Float32Array(codes.count(field));
        for (let i = 0; i < items.length; i++) {
          const item = items[i];
          if (item === undefined) continue;
          for (const code of item[field]!) {
            all[code]! += 1 / items.length;
            if (i >= items.length - RECENT) recent[code]! += 1 / Math.min(RECENT, items.length);
          }
        }
        for (let i = 0; i < size; i++) {
          const own = offered[i]![field]!;
          const at = i * stride + offset + field * 3;
          let sum = 0;
          let recentSum = 0;
          for (const code of own) {
            sum += all[code]!;
            recentSum += recent[code]!;
          }
          out[at] = sum / Math.max(1, own.length);
          out[at + 1] = recentSum / Math.max(1, own.length);
          out[at + 2] = Math.log1p(own.length);
        }
      }
    },
  };
}
