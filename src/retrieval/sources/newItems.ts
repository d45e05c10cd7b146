import { MOST_NEW_ITEMS, newItemScores } from '../newItemScores.ts';
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
      const all = untouched.length + Math.max(0, catalogue.rows - models.trainedSize);
      const count = Math.min(MOST_NEW_ITEMS, all);
      const ordinalAt = (i: number) => {
        const place = all - count + i;
        return place < untouched.length ? untouched[place]! : models.trainedSize + place - untouched.length;
      };
      const scores =
        newItemScores(models, seeds(context, query), ordinalAt, count) ?? Float32Array.from({ length: count }, (_, i) => i);
      const plan = survivors(filter);
      const ranked = topK(scores, k, (i) => plan.has(ordinalAt(i)));
      return proposals(
        catalogue,
        ranked.map(({ index, score }) => ({ index: ordinalAt(index), score })),
      );
    },
  };
}
