import type { RankingFeature } from '../feature.ts';

/**
 * Where the candidate was shown. In training it takes up what is owed to the place alone; in serving every candidate is asked
 * about as if it stood first, so that it moves nothing.
 */
export function position(): RankingFeature {
  return {
    name: 'position',
    version: 1,
    columns: ['position.log', 'position.first'],
    sources: ['request'],
    write: ({ size, positions }, out, offset, stride) => {
      for (let i = 0; i < size; i++) {
        const place = positions?.[i] ?? 1;
        out[i * stride + offset] = Math.log(place);
        out[i * stride + offset + 1] = place === 1 ? 1 : 0;
      }
    },
  };
}
