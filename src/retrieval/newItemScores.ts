import type { RetrievalModels } from './models.ts';

/** So many new items are looked at, the newest: every one costs each request, and what is old and untouched is no news. */
export const MOST_NEW_ITEMS = 20_000;

/**
 * How well items that nobody has touched fit a history: what the embedding model makes of their content plus how like the
 * latest items they are, each in units of its spread over these items, since neither scale means anything to the other. The
 * two err differently, so that the sum finds more than either.
 * @param items ordinals of the new items
 * @returns `undefined` where neither says anything
 */
export function newItemScores(
  models: RetrievalModels,
  history: ArrayLike<number>,
  items: ArrayLike<number>,
): Float32Array | undefined {
  const behaviour = models.behaviour?.query(history);
  const content = models.content.query(history);
  if (behaviour === undefined && content === undefined) return undefined;
  const scores = new Float32Array(items.length);
  const values = new Float32Array(items.length);
  if (behaviour !== undefined && models.behaviour !== undefined) {
    models.behaviour.scoreMany([behaviour], items, values);
    addStandardised(scores, values);
  }
  if (content !== undefined) {
    models.content.scoreMany([content], items, values);
    addStandardised(scores, values);
  }
  return scores;
}

function addStandardised(scores: Float32Array, values: Float32Array): void {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  const spread = Math.sqrt(squares / values.length);
  if (!(spread > 0)) return;
  for (let i = 0; i < scores.length; i++) scores[i]! += (values[i]! - mean) / spread;
}
