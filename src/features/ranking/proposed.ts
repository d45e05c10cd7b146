import type { RankingFeature } from '../feature.ts';

/** Whether stage one proposed the list, or the caller brought it: the two kinds of lists differ in what is common in them. */
export function proposed(): RankingFeature {
  return {
    name: 'proposed',
    version: 2,
    columns: ['proposed'],
    sources: ['request'],
    write: ({ size, candidates }, out, offset, stride) => {
      const { hits } = candidates[0]!;
      if (hits.length === 0 || hits[0]!.source === 'request') return;
      for (let i = 0; i < size; i++) out[i * stride + offset] = 1;
    },
  };
}
