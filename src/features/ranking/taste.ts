import { ranksOf } from '../../kernels/ranks.ts';
import type { RankingFeature } from '../feature.ts';
import { verdictsOf } from '../state/verdicts.ts';
import { TASTE_DIMENSIONS, tasteOf } from '../tastes.ts';
import type { FeatureInputs } from './shared.ts';

/**
 * By how much more, or less, this person acts upon the candidate than people do, as what they took and passed over so far tells;
 * and its rank in the list. 0 for an item, or a person, of whom nothing is known.
 */
export function taste({ statistics, weights }: FeatureInputs): RankingFeature {
  return {
    name: 'taste',
    version: 1,
    columns: ['taste', 'taste.rank'],
    sources: ['actions', 'impressions', 'models'],
    write: ({ size, candidates, history, query }, out, offset, stride) => {
      if (statistics === undefined) return;
      const { tastes } = statistics;
      const own = tasteOf(tastes, verdictsOf(query.userState, history, weights));
      const scores = new Float32Array(size);
      if (own !== undefined) {
        for (let i = 0; i < size; i++) {
          const { id } = candidates[i]!;
          const place = Object.hasOwn(tastes, id) ? tastes[id] : undefined;
          if (place === undefined) continue;
          let sum = 0;
          for (let d = 0; d < TASTE_DIMENSIONS; d++) sum += own[d]! * place[d]!;
          scores[i] = sum;
        }
      }
      const ranks = ranksOf(scores);
      for (let i = 0; i < size; i++) {
        out[i * stride + offset] = scores[i]!;
        out[i * stride + offset + 1] = size === 1 ? 0.5 : 1 - (ranks[i]! - 1) / (size - 1);
      }
    },
  };
}
