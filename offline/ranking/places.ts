import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { MomentResult } from '../../src/evaluation/report.ts';
import type { ProposedList } from './interactionLists.ts';

/** Rows from the best score to the worst; equal scores keep their order. */
export const byScore = (scores: Float32Array): number[] => [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);

/** Scores by which rows stay where they are. */
export const asTheyStand = (rows: number): Float32Array => Float32Array.from({ length: rows }, (_, row) => -row);

/** Place, counted from 0, that a row takes by score; those of equal score that come before it stay before it. */
export function placeOf(scores: Float32Array, row: number): number {
  let place = 0;
  for (let i = 0; i < scores.length; i++) {
    if (scores[i]! > scores[row]! || (scores[i] === scores[row] && i < row)) place++;
  }
  return place;
}

/** What the list came to, once stage two had scored it. */
export function momentResult(
  { moment, candidates, targetAt }: ProposedList,
  scores: Float32Array,
  catalogue: Pick<Catalogue, 'at'>,
): MomentResult {
  return {
    actor: moment.actor,
    target: catalogue.at(moment.target)?.id ?? '',
    place: targetAt < 0 ? -1 : placeOf(scores, targetAt),
    top: byScore(scores)
      .slice(0, 10)
      .map((row) => candidates[row]!.id),
  };
}
