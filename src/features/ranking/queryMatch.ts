import type { EnrichedCandidate } from '../../domain/pipeline.ts';
import { ranksOf } from '../../kernels/ranks.ts';
import { searchFields } from '../../text/itemText.ts';
import type { RankingFeature } from '../feature.ts';
import type { FeatureInputs } from './shared.ts';

/** Scores of one query's own scale: they count against the list's best, and by rank. */
const SCORES = ['fused', 'lexical', 'cosine'] as const;
/** Shares of the query, or of a field, that are comparable between queries as they are. */
const SHARES = ['cosine', 'coverage', 'exact', 'phrase', 'whole', 'begins'] as const;
/** Fields that get a column of their own: the weightiest. */
const MOST_FIELDS = 8;

/**
 * How well the candidate answers what was typed: the untrained relevance and its two halves against the list's best and by
 * rank; how much of the query is there, in which form and how near together; and the words' weight in each field.
 */
export function queryMatch({ fields }: Pick<FeatureInputs, 'fields'>): RankingFeature {
  const names = searchFields(fields)
    .slice(0, MOST_FIELDS)
    .map(({ name }) => `bm25.${name}`);
  const relative = [...SCORES, ...names];
  return {
    name: 'query-match',
    version: 2,
    columns: [
      ...relative.map((name) => `match.${name}.share`),
      ...SCORES.map((name) => `match.${name}.inverseRank`),
      ...SHARES.map((name) => `match.${name}`),
    ],
    sources: ['request', 'catalogue'],
    write: ({ size, candidates }, out, offset, stride) => {
      relative.forEach((name, column) => {
        const scores = scoresOf(candidates, name);
        let best = 0;
        for (const score of scores) best = Math.max(best, score);
        if (best > 0) for (let i = 0; i < size; i++) out[i * stride + offset + column] = scores[i]! / best;
      });
      SCORES.forEach((name, column) => {
        const ranks = ranksOf(scoresOf(candidates, name));
        for (let i = 0; i < size; i++) out[i * stride + offset + relative.length + column] = 1 / (1 + ranks[i]!);
      });
      SHARES.forEach((name, column) => {
        const at = offset + relative.length + SCORES.length + column;
        for (let i = 0; i < size; i++) out[i * stride + at] = matchOf(candidates[i]!, name);
      });
    },
  };
}

const scoresOf = (candidates: readonly EnrichedCandidate[], name: string): Float32Array =>
  Float32Array.from(candidates, (candidate) => matchOf(candidate, name));

function matchOf({ match }: EnrichedCandidate, name: string): number {
  if (match === undefined) return 0;
  return name === 'fused' || name === 'cosine' ? match[name] : (match.words[name] ?? 0);
}
