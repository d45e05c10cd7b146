import type { CandidateSource } from '../source.ts';
import { topK } from '../topK.ts';
import { proposals, type SourceContext, seeds } from './context.ts';

/** Weight of each further entry back. */
const DECAY = 0.9;

/**
 * What the person took before, the often and lately taken first: for catalogues whose items are taken again, in requests that do
 * not leave out what was seen. Its share of the pool is that of repeats in the log.
 */
export function repeatSource(context: SourceContext): CandidateSource {
  const { catalogue, survivors } = context;
  return {
    name: 'repeat',
    applies: ({ excludeSeen, anchor, history }) => !excludeSeen && anchor === undefined && history.length > 0,
    async retrieve(query, k, filter) {
      const weights = new Map<number, number>();
      for (const [age, ordinal] of seeds(context, query).reverse().entries()) {
        weights.set(ordinal, (weights.get(ordinal) ?? 0) + DECAY ** age);
      }
      const taken = [...weights.keys()];
      const plan = survivors(filter);
      const ranked = topK(Float64Array.from(weights.values()), k, (i) => plan.has(taken[i]!));
      return proposals(
        catalogue,
        ranked.map(({ index, score }) => ({ index: taken[index]!, score })),
      );
    },
  };
}
