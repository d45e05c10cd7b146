import type { RankingFeature } from '../feature.ts';
import type { FeatureInputs } from './shared.ts';

/** Entries of the history that say how mainstream a taste is. */
const LAST = 10;

/** How popular the candidate is, ever and of late, and against what the person usually takes. Unknown items count 0. */
export function itemPopularity({ models }: FeatureInputs): RankingFeature {
  const { counts, decayed, trend } = models.popularity;
  const logCounts = Float64Array.from(counts, (count) => Math.log1p(count));
  const logDecayed = Float32Array.from(decayed, (count) => Math.log1p(Math.max(0, count)));
  const logTrend = Float32Array.from(trend, (rise) => Math.log(Math.max(1e-3, rise)));
  return {
    name: 'popularity',
    version: 1,
    columns: ['popularity.log', 'popularity.lessOwn', 'popularity.recent', 'popularity.trend'],
    sources: ['actions', 'models'],
    write: ({ size, ordinals, historyOrdinals }, out, offset, stride) => {
      const latest = historyOrdinals.slice(-LAST);
      let own = 0;
      for (const ordinal of latest) own += logCounts[ordinal] ?? 0;
      own /= Math.max(1, latest.length);
      for (let i = 0; i < size; i++) {
        const ordinal = ordinals[i]!;
        const at = i * stride + offset;
        const popularity = logCounts[ordinal] ?? 0;
        out[at] = popularity;
        out[at + 1] = latest.length === 0 ? 0 : popularity - own;
        out[at + 2] = logDecayed[ordinal] ?? 0;
        out[at + 3] = logTrend[ordinal] ?? 0;
      }
    },
  };
}
