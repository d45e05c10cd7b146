import type { RankingFeature } from '../feature.ts';

/** Whether stage one proposed the candidate, or the caller brought it: the two kinds of lists differ in what is common in them. */
export function proposed(): RankingFeature {
  return {
    name: 'proposed',
    version: 2,
    columns: ['proposed'],
    sources: ['request'],
    write: ({ size, candidates }, out, offset, stride) => {
      for (let i = 0; i < size; i++) {
        const { hits } = candidates[i]!;
        out[i * stride + offset] = hits.length > 0 && hits[0]!.source !== 'request' ? 1 : 0;
      }
    },
  };
}
