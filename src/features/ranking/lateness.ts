import type { RankingFeature } from '../feature.ts';
import type { FeatureInputs } from './shared.ts';

const LAST = 5;

/** How late in people's histories the candidate comes, against the latest items of this one; and how long this one is. */
export function lateness({ models }: FeatureInputs): RankingFeature {
  const late = models.popularity.lateness;
  return {
    name: 'lateness',
    version: 1,
    columns: ['lateness', 'lateness.lessOwn', 'history.logLength'],
    sources: ['actions', 'models'],
    write: ({ size, ordinals, historyOrdinals }, out, offset, stride) => {
      const latest = historyOrdinals.slice(-LAST);
      let own = 0;
      for (const ordinal of latest) own += late[ordinal] ?? 0.5;
      own = latest.length === 0 ? 0.5 : own / latest.length;
      const historyLength = Math.log1p(historyOrdinals.length);
      for (let i = 0; i < size; i++) {
        const at = i * stride + offset;
        out[at] = late[ordinals[i]!] ?? 0.5;
        out[at + 1] = out[at]! - own;
        out[at + 2] = historyLength;
      }
    },
  };
}
