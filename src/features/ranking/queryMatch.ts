import type { RankingFeature } from '../feature.ts';
import { ranksOf } from './shared.ts';

/** Named numbers of a search candidate that become columns. */
const MATCHES = ['fused', 'cosine'] as const;

/** How well the candidate answers what was typed: against the list's best, and by rank. 0 without a text. */
export function queryMatch(): RankingFeature {
  return {
    name: 'query-match',
    version: 1,
    columns: MATCHES.flatMap((name) => [`match.${name}`, `match.${name}.inverseRank`]),
    sources: ['request'],
    write: ({ size, candidates, query }, out, offset, stride) => {
      if (query.text === undefined) return;
      for (let m = 0; m < MATCHES.length; m++) {
        const scores = Float32Array.from(candidates, (candidate) => candidate.match?.[MATCHES[m]!] ?? 0);
        const ranks = ranksOf(scores);
        let best = 0;
        for (const score of scores) best = Math.max(best, score);
        for (let i = 0; i < size; i++) {
          const at = i * stride + offset + 2 * m;
          out[at] = best > 0 ? scores[i]! / best : 0;
          out[at + 1] = 1 / (1 + ranks[i]!);
        }
      }
    },
  };
}
