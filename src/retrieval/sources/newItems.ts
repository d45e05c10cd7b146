import type { CandidateSource } from '../source.ts';
import { topK } from '../topK.ts';
import { proposals, type SourceContext, seeds } from './context.ts';

/**
 * Items that came after the models were trained, or that nobody has touched: the likeliest next ones first where the embedding
 * model or the content says anything, else the newest. Their share of the pool is what keeps new items from staying new.
 */
export function newItemsSource(context: SourceContext): CandidateSource {
  const { models, catalogue, survivors } = context;
  const { counts } = models.popularity;
  const untouched = Int32Array.from({ length: counts.length }, (_, i) => i).filter((i) => counts[i] === 0);
  return {
    name: 'new',
    applies: () => true,
    async retrieve(query, k, filter) {
      const live = Math.max(0, catalogue.rows - models.trainedSize);
      const ordinalAt = (i: number) => (i < untouched.length ? untouched[i]! : models.trainedSize + i - untouched.length);
      const ordinals = seeds(context, query);
      const behaviour = models.behaviour?.query(ordinals);
      const content = behaviour === undefined ? models.content.query(ordinals) : undefined;
      const scores = new Float32Array(untouched.length + live);
      for (let i = 0; i < scores.length; i++) {
        const ordinal = ordinalAt(i);
        if (behaviour !== undefined) scores[i] = models.behaviour?.score(behaviour, ordinal) ?? 0;
        else if (content !== undefined) scores[i] = dot(content, models.content.vector(ordinal));
        else scores[i] = i;
      }
      const plan = survivors(filter);
      const ranked = topK(scores, k, (i) => plan.has(ordinalAt(i)));
      return proposals(
        catalogue,
        ranked.map(({ index, score }) => ({ index: ordinalAt(index), score })),
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
