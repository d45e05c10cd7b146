import { ranksOf } from '../../kernels/ranks.ts';
import type { RankingFeature } from '../feature.ts';
import { exposuresOf } from '../state/exposure.ts';
import { actionsOf } from '../state/popularity.ts';
import { baseRate, logLift } from '../statistics.ts';
import { type FeatureInputs, log1pOf } from './shared.ts';

/** Imaginary showings at the base rate. */
const STRENGTH = 20;

/**
 * How often the item is acted upon when it is shown, against the base rate: shrunk, corrected for the places it stood at,
 * less the list's mean, and by rank within the list; and how often it was shown, and acted upon lately.
 */
export function actionRate({ statistics, weights }: FeatureInputs): RankingFeature {
  return {
    name: 'action-rate',
    version: 1,
    columns: ['rate', 'rate.lessMean', 'rate.rank', 'rate.firm', 'shown.log', 'acted.log', 'acted.recent'],
    sources: ['actions', 'impressions', 'models'],
    write: ({ size, candidates, query }, out, offset, stride) => {
      if (statistics === undefined) return;
      const base = baseRate(statistics);
      const rates = new Float32Array(size);
      let mean = 0;
      for (let i = 0; i < size; i++) {
        const { state } = candidates[i]!;
        // Nothing is known of it, so every lift and count is 0.
        if (state === undefined) continue;
        const { ever: acted, lately } = actionsOf(state, weights, query.featureTime, 0);
        const shown = exposuresOf(state, statistics.examination);
        rates[i] = logLift(acted, shown, base, STRENGTH);
        mean += rates[i]! / size;
        const at = i * stride + offset;
        out[at + 3] = logLift(acted, shown, base, STRENGTH * 10);
        out[at + 4] = log1pOf(exposuresOf(state));
        out[at + 5] = log1pOf(Math.max(0, acted));
        out[at + 6] = log1pOf(Math.max(0, lately));
      }
      const ranks = ranksOf(rates);
      for (let i = 0; i < size; i++) {
        const at = i * stride + offset;
        out[at] = rates[i]!;
        out[at + 1] = rates[i]! - mean;
        out[at + 2] = size === 1 ? 0.5 : 1 - (ranks[i]! - 1) / (size - 1);
      }
    },
  };
}
