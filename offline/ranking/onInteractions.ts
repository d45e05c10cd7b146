import { eventWeights } from '../../src/config/eventWeights.ts';
import type { Random } from '../../src/domain/random.ts';
import { gainAt } from '../../src/evaluation/metrics.ts';
import type { MomentResult } from '../../src/evaluation/report.ts';
import { ReferenceRows } from '../../src/ranking/drift.ts';
import { rankerId } from '../../src/ranking/rankerModel.ts';
import { createVectoriser } from '../../src/ranking/vectoriser.ts';
import type { TrainedRanker, TrainRankerInput } from '../stages/trainRanker.ts';
import { divide } from './division.ts';
import { calibrate, championScorer, fitRanker, MEMBERS, scorer } from './fit.ts';
import { collectLists, type Moment, type ProposedList, proposeLists } from './interactionLists.ts';
import { ListCollector } from './lists.ts';
import { asTheyStand, momentResult, placeOf } from './places.ts';

/** Numbers the rows to fit on may take in memory, and the fewest and most rows of a list: more teach nothing more. */
const BUDGET = 60e6;
const FEWEST_ROWS = 40;
const MOST_ROWS = 100;
/** Lists that both fit and validate, at most: more say nothing more. */
const MOST_LISTS = 40_000;

/**
 * Teaches from what people did next, divided by person or by time: of the lists that an earlier state of stage one proposes, some
 * are fitted on and later ones validate; the published network is then fitted on both.
 */
export async function trainOnInteractions(
  input: TrainRankerInput,
  { random }: { random: Random },
): Promise<TrainedRanker | undefined> {
  const { config, catalogue, interactions, progress, trainer } = input;
  const weights = eventWeights(config);
  const users = interactions.actors.length;
  if (users === 0) return undefined;
  progress.note('the ranker learns from what people did next, not from lists that were shown');
  const { known, toFit, toValidate, window, split } = divide(interactions, catalogue, config.training.split);
  const { models, propose } = await input.trainStageOne(known, progress);
  const vectoriser = createVectoriser({ models, catalogue, fields: config.fields, weights, statistics: undefined });
  const columns = vectoriser.columns.length;
  const pool = config.serving.candidates;
  const rows = Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, pool, Math.floor(BUDGET / (columns * Math.min(users, MOST_LISTS)))));
  const share = Math.min(1, MOST_LISTS / users);
  const lists = (moments: Iterable<Moment>, always: boolean): AsyncGenerator<ProposedList> =>
    proposeLists(sampled(moments, share, random), { propose, vectoriser, pool, always });

  const collected = new ListCollector(columns, 2 * rows * Math.min(users, MOST_LISTS));
  await collectLists(lists(toFit(), false), collected, {
    rows,
    random,
    onList: (count) => progress.update(count, users, 'lists to fit'),
  });
  if (collected.lists === 0) return undefined;
  const seed = config.training.seed;
  const fitted = await fitRanker(trainer, collected.finish(), { seed, members: MEMBERS }, progress);

  const keys: string[] = [];
  const ranked: number[] = [];
  const before: number[] = [];
  const byChampion: number[] = [];
  const results: MomentResult[] = [];
  const retrieved: MomentResult[] = [];
  const challenger = scorer(trainer, fitted);
  const champion = championScorer(trainer, input.champion, vectoriser.hash);
  const scores: number[] = [];
  const acted: number[] = [];
  const times: number[] = [];
  const reference = new ReferenceRows(columns);
  const watch = (list: ProposedList): void => {
    const { moment, matrix, targetAt } = list;
    reference.add(matrix);
    const own = challenger(matrix);
    const result = momentResult(list, own, catalogue);
    results.push(result);
    retrieved.push(momentResult(list, asTheyStand(own.length), catalogue));
    keys.push(moment.actor);
    times.push(moment.at);
    before.push(gainAt(targetAt));
    ranked.push(gainAt(result.place));
    if (champion !== undefined) byChampion.push(targetAt < 0 ? 0 : gainAt(placeOf(champion(matrix), targetAt)));
    own.forEach((score, i) => {
      scores.push(score);
      acted.push(i === targetAt ? 1 : 0);
    });
  };
  await collectLists(watched(lists(toValidate(), true), watch), collected, {
    rows,
    random,
    onList: (count) => progress.update(count, users, 'lists to validate'),
  });

  const calibration = calibrate(scores, acted, progress);
  const published = await fitRanker(trainer, collected.finish(), { seed: seed + 100, members: MEMBERS }, progress);
  return {
    model: {
      id: rankerId(published),
      columns: vectoriser.columns,
      featuresHash: vectoriser.hash,
      ...published,
      calibration,
      taughtBy: 'interactions',
      statistics: null,
      reference: reference.finish(),
    },
    validation: {
      window,
      lists: keys,
      times,
      ranked,
      before,
      ...(champion === undefined ? {} : { champion: byChampion }),
      split,
      results,
      retrieved,
    },
    lists: collected.lists,
  };
}

function* sampled<T>(values: Iterable<T>, share: number, random: Random): Generator<T> {
  for (const value of values) if (share >= 1 || random() < share) yield value;
}

async function* watched(lists: AsyncIterable<ProposedList>, watch: (list: ProposedList) => void): AsyncGenerator<ProposedList> {
  for await (const list of lists) {
    watch(list);
    yield list;
  }
}
