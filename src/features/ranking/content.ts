import type { RankingFeature } from '../feature.ts';
import type { FeatureInputs } from './shared.ts';

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
      const compared = [profile, last].flatMap((vector, column) => (vector === undefined ? [] : [{ vector, column }]));
      const scores = new Float32Array(compared.length * size);
      models.content.scoreMany(
        compared.map(({ vector }) => vector),
        ordinals,
        scores,
      );
      compared.forEach(({ column }, row) => {
        for (let i = 0; i < size; i++) out[i * stride + offset + column] = scores[row * size + i]!;
      });
    },
  };
}
