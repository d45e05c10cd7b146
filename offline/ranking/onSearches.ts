import type { Progress } from '../../src/cli/progress.ts';
import { QueryMemory } from '../../src/features/queryMemory.ts';
import type { FeatureInputs } from '../../src/features/ranking/index.ts';
import type { RankerLists, RankerSettings, RankerTrainer } from '../../src/ports/training.ts';
import { type RankerModel, rankerId } from '../../src/ranking/rankerModel.ts';
import { createSearchVectoriser, type Vectoriser } from '../../src/ranking/vectoriser.ts';
import { calibrate, fitRanker, scorer } from './fit.ts';
import { ListCollector, wholeList } from './lists.ts';
import { byScore } from './places.ts';
import type { SearchList } from './searchLists.ts';

/** Fewer queries than this teach nothing. */
const ENOUGH = 20;
/** Parts of the queries, each of which is validated by what the others taught. */
const FOLDS = 5;
/** Networks whose mean serves; two of them say well enough how good it is. */
const MEMBERS = 4;
const MEMBERS_OF_A_FOLD = 2;

export interface SearchTrainingInput {
  readonly lists: readonly SearchList[];
  readonly inputs: Omit<FeatureInputs, 'statistics'>;
  readonly trainer: RankerTrainer;
  readonly seed: number;
  readonly progress: Progress;
}

export interface TrainedSearchRanker {
  readonly model: RankerModel;
  /** NDCG@10 of each query, by a ranker taught by other queries alone, and by the untrained relevance. */
  readonly ranked: readonly number[];
  readonly before: readonly number[];
}

/**
 * Teaches how a text is answered from judged queries. Cross-validated by query: neither the network nor what is remembered of
 * queries has seen anything of a fifth that it is measured on.
 * @returns `undefined` where too few queries are judged
 */
export async function trainOnSearches(input: SearchTrainingInput): Promise<TrainedSearchRanker | undefined> {
  const { lists, trainer, progress, seed } = input;
  if (lists.length < ENOUGH) {
    if (lists.length > 0) progress.note(`${lists.length} queries are judged; ${ENOUGH} are needed to learn from them`);
    return undefined;
  }
  const ranked = new Array<number>(lists.length).fill(0);
  const scores: number[] = [];
  const answered: number[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const { vectoriser } = remember(lists, (i) => i % FOLDS !== fold, input);
    const rows = rowsOf(lists, (i) => i % FOLDS !== fold, vectoriser);
    const fitted = await fitRanker(trainer, rows, { seed, members: MEMBERS_OF_A_FOLD, settings: searchSettings }, progress);
    const score = scorer(trainer, fitted);
    lists.forEach((list, i) => {
      if (i % FOLDS !== fold) return;
      const own = score(vectoriser.vectorise(list.context));
      ranked[i] = ndcg(byScore(own), list);
      own.forEach((value, row) => {
        scores.push(value);
        answered.push(list.gains[row]! > 0 ? 1 : 0);
      });
    });
    progress.update(fold + 1, FOLDS + 1, 'searches cross-validated');
  }
  const { memory, vectoriser } = remember(lists, () => true, input);
  const published = await fitRanker(
    trainer,
    rowsOf(lists, () => true, vectoriser),
    { seed: seed + 100, members: MEMBERS, settings: searchSettings },
    progress,
  );
  return {
    model: {
      id: rankerId(published),
      columns: vectoriser.columns,
      featuresHash: vectoriser.hash,
      ...published,
      calibration: calibrate(scores, answered, progress),
      taughtBy: 'judgments',
      statistics: null,
      reference: null,
      memory: memory.state(),
    },
    ranked,
    before: lists.map((list) => ndcg([...list.gains.keys()], list)),
  };
}

type Chosen = (list: number) => boolean;

function remember(
  lists: readonly SearchList[],
  chosen: Chosen,
  { inputs }: SearchTrainingInput,
): { memory: QueryMemory; vectoriser: Vectoriser } {
  const memory = new QueryMemory();
  lists.forEach(({ text, answers }, i) => {
    if (chosen(i)) memory.learn(text, answers);
  });
  return { memory, vectoriser: createSearchVectoriser({ ...inputs, statistics: undefined }, memory) };
}

function rowsOf(lists: readonly SearchList[], chosen: Chosen, vectoriser: Vectoriser): RankerLists {
  const collector = new ListCollector(vectoriser.columns.length);
  lists.forEach(({ context, gains }, i) => {
    if (!chosen(i) || !gains.some((gain) => gain > 0)) return;
    collector.add(vectoriser.vectorise(context), gains, wholeList(gains.length));
  });
  return collector.finish();
}

/** Judged queries are few and their candidates many: a small network, held back by weight decay. */
export function searchSettings(lists: RankerLists, seed: number): RankerSettings {
  const count = lists.offsets.length - 1;
  return {
    hidden: count < 2000 ? [8, 4] : [32, 16],
    loss: 'softmax',
    epochs: Math.max(3, Math.min(15, Math.round(4000 / count))),
    batch: 4,
    rate: 0.003,
    decay: 1,
    seed,
  };
}

function ndcg(order: readonly number[], { gains, ideal }: SearchList): number {
  return order.slice(0, 10).reduce((sum, row, place) => sum + gains[row]! / Math.log2(place + 2), 0) / ideal;
}
