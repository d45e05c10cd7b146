import type { RankingFeature } from '../feature.ts';
import { dot, type FeatureInputs } from './shared.ts';

const LAST = 10;

/** How like the candidate is to the history by what both are: against their mean, and against the last one. */
export function content({ models }: FeatureInputs): RankingFeature {
  return {
    name: 'content',
    version: 1,
    columns: ['content.profile', 'content.last'],
    sources: ['actions', 'models'],
    write: ({ size, ordinals, historyOrdinals }, out, offset, stride) => {
      if (historyOrdinals.length === 0) return;
      const profile = models.content.query(historyOrdinals.slice(-LAST));
      const last = models.content.vector(historyOrdinals.at(-1)!);
      for (let i = 0; i < size; i++) {
        const vector = models.content.vector(ordinals[i]!);
        if (vector === undefined) continue;
        if (profile !== undefined) out[i * stride + offset] = dot(profile, vector);
        if (last !== undefined) out[i * stride + offset + 1] = dot(last, vector);
      }
    },
  };
}
