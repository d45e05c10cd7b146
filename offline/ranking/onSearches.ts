import type { Progress } from '../../src/cli/progress.ts';
import { QueryMemory } from '../../src/features/queryMemory.ts';
import { categoryFields } from '../../src/features/ranking/categories.ts';
import type { FeatureInputs } from '../../src/features/ranking/index.ts';
import { emptyStatistics, type ListStatistics } from '../../src/features/statistics.ts';
import type { RankerLists, RankerSettings, RankerTrainer } from '../../src/ports/training.ts';
import { type RankerModel, rankerId } from '../../src/ranking/rankerModel.ts';
import { createSearchVectoriser, type Vectoriser } from '../../src/ranking/vectoriser.ts';
import { type ClickInput, type ClickLists, type ClickRows, collectClicks } from './clickLists.ts';
import { calibrate, championScorer, fitRanker, scorer } from './fit.ts';
import { dcgOfOrder, ndcgOfOrder } from './listMetrics.ts';
import { concatenate, ListCollector, wholeList } from './lists.ts';
import { byScore } from './places.ts';
import type { SearchList } from './searchLists.ts';

/** Fewer judged queries than this teach nothing. */
const ENOUGH = 20;
/** Parts of the judged queries, each of which is validated by what the others taught. */
const FOLDS = 5;
/** Networks whose mean serves; two of them say well enough how good it is. */
const MEMBERS = 4;
const MEMBERS_OF_A_FOLD = 2;
/** Times that the lists of the smaller kind come, at most. */
const MOST_TIMES = 10;

export interface SearchTrainingInput {
  readonly judged: readonly SearchList[];
  /** What searchers took; absent where nothing is logged. */
  readonly clicks?: Omit<ClickInput, 'progress'>;
  readonly inputs: Omit<FeatureInputs, 'statistics'>;
  readonly trainer: RankerTrainer;
  /** The ranker of searches that serves now: it is asked about the same clicked lists, where it reads the same columns. */
  readonly champion?: RankerModel;
  readonly seed: number;
  readonly progress: Progress;
}

/** NDCG@10 of each list that the network had not seen, and of the untrained relevance. */
export interface SearchFigures {
  readonly ranked: readonly number[];
  readonly before: readonly number[];
}

export interface TrainedSearchRanker {
  readonly model: RankerModel;
  /** Of judged queries, each by what others taught. */
  readonly judged?: SearchFigures;
  /** Of the latest searches, by what came before them; gains corrected for places. And by the champion, where it reads the same. */
  readonly clicked?: SearchFigures & { readonly champion?: readonly number[]; readonly times: readonly number[] };
}

/**
 * Teaches how a text is answered from judged queries, from what searchers took of what they were shown, or from both, each
 * kind with an equal say. Judged queries are cross-validated: neither the network nor the remembered answers have seen anything
 * of the fifth that is measured. Clicks are validated by time: the latest fifth by a network that learned before it, each list with
 * what was known when it was shown.
 * @returns `undefined` where there is too little of either
 */
export async function trainOnSearches(input: SearchTrainingInput): Promise<TrainedSearchRanker | undefined> {
  const { trainer, progress, seed, inputs } = input;
  const judged = input.judged.length < ENOUGH ? [] : input.judged;
  if (judged.length === 0 && input.judged.length > 0)
    progress.note(`${input.judged.length} queries are judged; ${ENOUGH} are needed to learn from them`);
  const statistics = emptyStatistics(categoryFields(inputs.fields));
  const memory = new QueryMemory();
  for (const { text, answers } of judged) memory.learn(text, answers);
  const vectoriser = createSearchVectoriser({ ...inputs, statistics }, memory);
  const clicks =
    input.clicks === undefined
      ? undefined
      : await collectClicks({ ...input.clicks, progress }, { vectoriser, memory, statistics });
  if (judged.length === 0 && clicks === undefined) return undefined;

  const validated = await validate(input, { judged, clicks, memory, statistics });
  const rows = rowsOf(judged, vectoriser);
  const all = inEqualParts([rows, ...(clicks === undefined ? [] : kindsOf([clicks.earlier, clicks.later]))]);
  const published = await fitRanker(trainer, all, { seed: seed + 100, members: MEMBERS, settings: searchSettings }, progress);
  return {
    model: {
      id: rankerId(published),
      columns: vectoriser.columns,
      featuresHash: vectoriser.hash,
      ...published,
      calibration: calibrate(validated.scores, validated.answered, progress),
      taughtBy: clicks === undefined ? 'judgments' : judged.length === 0 ? 'clicks' : 'judgments and clicks',
      statistics,
      reference: null,
      memory: memory.state(),
    },
    ...(judged.length === 0 ? {} : { judged: validated.judged }),
    ...(clicks === undefined ? {} : { clicked: validated.clicked }),
  };
}

interface Taught {
  readonly judged: readonly SearchList[];
  readonly clicks: ClickLists | undefined;
  readonly memory: QueryMemory;
  readonly statistics: ListStatistics;
}

async function validate(input: SearchTrainingInput, { judged, clicks, memory, statistics }: Taught) {
  const { trainer, progress, seed, inputs, champion } = input;
  const ranked = new Array<number>(judged.length).fill(0);
  const clicked: number[] = [];
  const scores: number[] = [];
  const answered: number[] = [];
  const take = (own: Float32Array, gains: Float32Array): void => {
    own.forEach((value, row) => {
      scores.push(value);
      answered.push(gains[row]! > 0 ? 1 : 0);
    });
  };
  const held = clicks?.held ?? [];
  const state = memory.state();
  const folds = judged.length === 0 ? 1 : FOLDS;
  for (let fold = 0; fold < folds; fold++) {
    const own = new QueryMemory(state);
    judged.forEach(({ text }, i) => {
      if (i % FOLDS === fold) own.learn(text, new Map());
    });
    const vectoriser = createSearchVectoriser({ ...inputs, statistics }, own);
    const others = rowsOf(
      judged.filter((_, i) => i % FOLDS !== fold),
      vectoriser,
    );
    const rows = inEqualParts([others, ...(clicks === undefined ? [] : kindsOf([clicks.earlier]))]);
    const fitted = await fitRanker(trainer, rows, { seed, members: MEMBERS_OF_A_FOLD, settings: searchSettings }, progress);
    const score = scorer(trainer, fitted);
    judged.forEach((list, i) => {
      if (i % FOLDS !== fold) return;
      const values = score(vectoriser.vectorise(list.context));
      ranked[i] = ndcg(byScore(values), list);
      take(values, list.gains);
    });
    // Judged queries of this fold aside, every fold's network has learned the same of clicks: the first one's figures stand.
    if (fold === 0)
      for (const { matrix, gains } of held) {
        const values = score(matrix);
        clicked.push(ndcgOfOrder(byScore(values), gains));
        take(values, gains);
      }
    progress.update(fold + 1, folds + 1, 'searches validated');
  }
  const { hash } = createSearchVectoriser({ ...inputs, statistics }, memory);
  const byChampion = championScorer(trainer, champion, hash);
  return {
    scores,
    answered,
    judged: { ranked, before: judged.map((list) => ndcg([...list.gains.keys()], list)) },
    clicked: {
      ranked: clicked,
      before: held.map(({ before }) => before),
      times: held.map(({ at }) => at),
      ...(byChampion === undefined
        ? {}
        : { champion: held.map(({ matrix, gains }) => ndcgOfOrder(byScore(byChampion(matrix)), gains)) }),
    },
  };
}

function rowsOf(lists: readonly SearchList[], vectoriser: Vectoriser): RankerLists {
  const collector = new ListCollector(vectoriser.columns.length);
  for (const { context, gains } of lists)
    if (gains.some((gain) => gain > 0)) collector.add(vectoriser.vectorise(context), gains, wholeList(gains.length));
  return collector.finish();
}

const kindsOf = (parts: readonly ClickRows[]): RankerLists[] => [
  concatenate(parts.map(({ shown }) => shown)),
  concatenate(parts.map(({ fresh }) => fresh)),
];

/** Kinds of lists as one collection in which each has about as many: those of the smaller kind come up to ten times. */
function inEqualParts(kinds: readonly RankerLists[]): RankerLists {
  const counts = kinds.map(({ offsets }) => offsets.length - 1);
  const most = Math.max(...counts);
  const times = counts.map((count) => (count === 0 ? 0 : Math.min(MOST_TIMES, Math.round(most / count))));
  return concatenate(kinds.flatMap((kind, i) => Array.from({ length: times[i]! }, () => kind)));
}

/** Lists are few and their candidates many: a small network, held back by weight decay. */
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

const ndcg = (order: readonly number[], { gains, ideal }: SearchList): number => dcgOfOrder(order, gains) / ideal;
