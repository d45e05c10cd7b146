import type { CandidateSource } from '../source.ts';
import { topK } from '../topK.ts';
import { proposals, type SourceContext, seeds } from './context.ts';

/**
 * Items that came after the models were trained, or that nobody has touched: nearest first to what the latest items are, the
 * newest first where there is nothing to go by. Their share of the pool is what keeps new items from staying new.
 */
export function newItemsSource(context: SourceContext): CandidateSource {
  const { models, catalogue, survivors } = context;
  const isNew = (ordinal: number) => ordinal >= models.trainedSize || models.popularity.counts[ordinal] === 0;
  return {
    name: 'new',
    applies: () => true,
    async retrieve(query, k, filter) {
      const plan = survivors(filter);
      const ordinals = seeds(context, query);
      const vector = models.content.query(ordinals);
      const behaviour = models.behaviour?.query(ordinals);
      const scores = new Float32Array(catalogue.rows).fill(Number.NEGATIVE_INFINITY);
      for (let ordinal = 0; ordinal < scores.length; ordinal++) {
        if (!isNew(ordinal)) continue;
        if (behaviour !== undefined) scores[ordinal] = models.behaviour!.score(behaviour, ordinal);
        else if (vector !== undefined) scores[ordinal] = dot(vector, models.content.vector(ordinal));
        else scores[ordinal] = ordinal;
      }
      return proposals(
        catalogue,
        topK(scores, k, (ordinal) => plan.has(ordinal)),
      );
    },
  };
}

function dot(a: Float32Array, b: Float32Array | undefined): number {
  if (b === undefined) return 0;
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}
