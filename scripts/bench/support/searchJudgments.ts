import { trainOnSearches } from '../../../offline/ranking/onSearches.ts';
import { createFind, judgedLists } from '../../../offline/ranking/searchLists.ts';
import { silentProgress } from '../../../src/cli/progress.ts';
import { seededRandom } from '../../../src/domain/random.ts';
import { type PairedEstimate, pairedEstimate } from '../../../src/evaluation/bootstrap.ts';
import type { TextEncoder } from '../../../src/ports/models.ts';
import type { Collection } from './cranfield.ts';
import { collectionSearch } from './cranfieldSearch.ts';

export interface LearnedRelevance {
  /** NDCG@10 of each query by a ranker that the other four fifths of the queries taught. */
  readonly ranked: readonly number[];
  /** The same of the untrained relevance. */
  readonly before: readonly number[];
  readonly difference: PairedEstimate;
}

/** What judgments teach, cross-validated by query through the very training of `train-ranker`. */
export async function learnedRelevance(collection: Collection, encoder: TextEncoder): Promise<LearnedRelevance> {
  const { search, catalogue, inputs, trainer } = await collectionSearch(collection, encoder);
  const judgments = collection.queries.flatMap(({ text, grades }) =>
    [...grades].map(([item, grade]) => ({ query: text, item, grade })),
  );
  const trained = await trainOnSearches({
    judged: await judgedLists(judgments, { find: createFind({ search, catalogue }), at: 0 }),
    inputs,
    trainer,
    seed: 1,
    progress: silentProgress,
  });
  if (trained?.judged === undefined) throw new Error('the collection judges too few queries to learn from');
  const { ranked, before } = trained.judged;
  return { ranked, before, difference: pairedEstimate(ranked, before, seededRandom(1)) };
}
