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
  /** The newest of the untouched, then what came live: made anew when the catalogue has grown. */
  let newest = new Int32Array(0);
  let rows = -1;
  const newestItems = (): Int32Array => {
    if (rows === catalogue.rows) return newest;
    rows = catalogue.rows;
    const live = Math.max(0, rows - models.trainedSize);
    const count = Math.min(MOST_NEW_ITEMS, untouched.length + live);
    const from = Math.max(0, count - live);
    newest = new Int32Array(count);
    newest.set(untouched.subarray(untouched.length - from));
    for (let i = from; i < count; i++) newest[i] = rows - (count - i);
    return newest;
  };
  return {
    name: 'new',
    applies: () => true,
    async retrieve(query, k, filter) {
      const items = newestItems();
      const scores = newItemScores(models, seeds(context, query), items) ?? Float32Array.from(items.keys());
      const plan = survivors(filter);
      const ranked = topK(scores, k, (i) => plan.has(items[i]!));
      return proposals(
        catalogue,
        ranked.map(({ index, score }) => ({ index: items[index]!, score })),
      );
    },
  };
}
