import { ranksOf } from '../../kernels/ranks.ts';
import type { RankingFeature } from '../feature.ts';
import type { QueryMemory } from '../queryMemory.ts';

/** How well the candidate answered this query and queries like it, by judgments or by what searchers took. */
export function queryAnswers(memory: QueryMemory): RankingFeature {
  return {
    name: 'query-answers',
    version: 1,
    columns: ['answers.log', 'answers.share', 'answers.inverseRank'],
    sources: ['models'],
    write: ({ size, candidates, query }, out, offset, stride) => {
      if (query.text === undefined) return;
      const recalled = memory.recall(query.text);
      if (recalled.size === 0) return;
      const scores = Float32Array.from(candidates, ({ id }) => Math.max(0, recalled.get(id) ?? 0));
      let best = 0;
      for (const score of scores) best = Math.max(best, score);
      if (best === 0) return;
      const ranks = ranksOf(scores);
      for (let i = 0; i < size; i++) {
        if (scores[i] === 0) continue;
        const at = i * stride + offset;
        out[at] = Math.log1p(20 * scores[i]!);
        out[at + 1] = scores[i]! / best;
        out[at + 2] = 1 / (1 + ranks[i]!);
      }
    },
  };
}
