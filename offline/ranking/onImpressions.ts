import type { EnrichedEvent, Impression } from '../../src/domain/event.ts';
import type { Random } from '../../src/domain/random.ts';
import { categoryFields } from '../../src/features/ranking/categories.ts';
import { emptyStatistics, type ListStatistics } from '../../src/features/statistics.ts';
import { ReferenceRows } from '../../src/ranking/drift.ts';
import { rankerId } from '../../src/ranking/rankerModel.ts';
import { createVectoriser, type Vectoriser } from '../../src/ranking/vectoriser.ts';
import { before as upTo } from '../../src/retrieval/interactions.ts';
import type { StageOne, TrainedRanker, TrainRankerInput } from '../stages/trainRanker.ts';
import { estimateExamination } from './examination.ts';
import { broughtSettings, championScorer, fitRanker, headsScorer, MEMBERS, scorer } from './fit.ts';
import { sampleRows } from './interactionLists.ts';
import { inTimeOrder, type Joined, joinActions } from './join.ts';
import { bestOf, type Held, judge } from './judge.ts';
import { ndcgOfOrder, unbiased } from './listMetrics.ts';
import { concatenate, ListCollector, wholeList } from './lists.ts';
import { momentResult } from './places.ts';
import { type PastMoment, replay, tells } from './replay.ts';

/** Up to here, as a share of the telling lists in time, stage one learns; from here on lists are seen with what it learned. */
const CUT = 0.3;
/** The share of the telling lists, the latest, that validate. */
const VALIDATION = 0.2;
/** Moments of people turning to something new that are taught beside the lists, validated on, and the rows of each. */
const MOMENTS = 2500;
/** Moments to a list that fits, at most: with more of them, a small log's lists are not heard. */
const MOMENTS_PER_LIST = 0.5;
const VALIDATION_MOMENTS = 1000;
const ROWS = 60;

/** Lists that were shown, and those that stage one proposed in moments, apart. */
interface Kinds {
  readonly shown: ListCollector;
  readonly proposed: ListCollector;
}

interface Collected {
  readonly fitting: Kinds;
  readonly validation: Kinds;
  readonly held: Held[];
}

/**
 * Teaches from the lists that were shown, by replaying the log in time order through the state features that serve: a row
 * holds what was known when its list was shown. What serves meets many candidates that no list ever showed, so the moments
 * in which people turned to something new are taught beside them, with stage one's candidates at that moment.
 * @returns `undefined` where too few lists were acted upon
 */
export async function trainOnImpressions(
  input: TrainRankerInput,
  { enough, random }: { enough: number; random: Random },
): Promise<TrainedRanker | undefined> {
  const { config, catalogue, interactions, progress, trainer } = input;
  const weights = Object.fromEntries(Object.entries(config.eventTypes).map(([type, { weight }]) => [type, weight]));
  const ordered = await collect(input.events());
  if (ordered === undefined) return undefined;
  const joined = joinActions(ordered, { window: config.loop.attributionWindowMinutes * 60_000, weights });
  const telling = ordered.filter((event): event is Impression => isTelling(event, joined));
  if (telling.length < enough) {
    progress.note(
      `${telling.length} of ${joined.labelled.size} lists were acted upon in part; ${enough} are needed to learn from them`,
    );
    return undefined;
  }
  const statistics = emptyStatistics(categoryFields(config.fields));
  estimatePlaces(joined, statistics, input);
  const times = {
    cut: telling[Math.floor(CUT * telling.length)]!.occurredAt,
    validation: telling[Math.floor((1 - VALIDATION) * telling.length)]!.occurredAt,
  };
  const stageOne = await input.trainStageOne(upTo(interactions, times.cut), progress);
  const vectoriser = createVectoriser({ models: stageOne.models, catalogue, fields: config.fields, weights, statistics });
  const moments = replay({ catalogue, loop: config.loop, weights, ordered, joined, statistics });
  const collected = await live(moments, {
    input,
    stageOne,
    vectoriser,
    statistics,
    times,
    random,
    telling: telling.length,
    ordered,
  });
  const fitting = { shown: collected.fitting.shown.finish(), proposed: collected.fitting.proposed.finish() };
  if (fitting.shown.labels.length + fitting.proposed.labels.length === 0) return undefined;

  const { seed } = config.training;
  const main = await fitRanker(trainer, concatenate([fitting.shown, fitting.proposed]), { seed, members: 1 }, progress);
  const shownOnly = await fitRanker(trainer, fitting.shown, { seed, members: MEMBERS, settings: broughtSettings }, progress);
  const separate = bestOf(collected.held, 'shown', [scorer(trainer, shownOnly), scorer(trainer, main)]) === 0;
  const { columns } = vectoriser;
  const judged = judge(collected.held, columns, {
    challenger: headsScorer(trainer, { ...main, columns, ...(separate ? { brought: shownOnly } : {}) }),
    champion: championScorer(trainer, input.champion, vectoriser.hash),
    heads: separate ? 2 : 1,
    progress,
  });
  const shown = concatenate([fitting.shown, collected.validation.shown.finish()]);
  const all = concatenate([shown, fitting.proposed, collected.validation.proposed.finish()]);
  const published = { seed: seed + 100, members: MEMBERS };
  const heads = {
    ...(await fitRanker(trainer, all, published, progress)),
    calibration: judged.calibration,
    ...(judged.broughtCalibration === undefined
      ? {}
      : {
          brought: {
            ...(await fitRanker(trainer, shown, { ...published, settings: broughtSettings }, progress)),
            calibration: judged.broughtCalibration,
          },
        }),
  };
  return {
    model: {
      id: rankerId(heads),
      columns,
      featuresHash: vectoriser.hash,
      ...heads,
      taughtBy: 'impressions',
      statistics,
      reference: referenceOf(collected.held, columns.length),
    },
    validation: {
      window: `lists shown, and what people turned to, in the last ${VALIDATION * 100} % of the log`,
      ...judged.validation,
      split: { kind: 'time', at: times.validation, learnedUntil: times.cut },
    },
    lists: all.offsets.length - 1,
  };
}

const isTelling = (event: EnrichedEvent, joined: Joined): boolean =>
  event.kind === 'impression' && tells(joined.labelled.get(event) ?? new Float32Array(0));

/** All events in time order, or `undefined` where no list was shown. */
async function collect(events: AsyncIterable<EnrichedEvent>): Promise<EnrichedEvent[] | undefined> {
  const all: EnrichedEvent[] = [];
  let lists = 0;
  for await (const event of events) {
    all.push(event);
    if (event.kind === 'impression') lists++;
  }
  return lists === 0 ? undefined : inTimeOrder(all);
}

function estimatePlaces(joined: Joined, statistics: ListStatistics, { progress }: TrainRankerInput): void {
  const examination = estimateExamination(joined.labelled);
  if (examination !== undefined) statistics.examination = examination;
  progress.note(
    examination === undefined
      ? 'the same item hardly ever stood at different places: no propensities could be estimated; the position is a feature, held constant in serving'
      : `places are looked at with probability ${examination.map((share) => share.toFixed(2)).join(' ')}, estimated from items that stood at several`,
  );
}

interface Lived {
  readonly input: TrainRankerInput;
  readonly stageOne: StageOne;
  readonly vectoriser: Vectoriser;
  readonly statistics: ListStatistics;
  readonly times: { readonly cut: number; readonly validation: number };
  readonly random: Random;
  readonly telling: number;
  readonly ordered: readonly EnrichedEvent[];
}

/** How many moments are taught beside so many telling lists. */
export const mostMoments = (telling: number): number => Math.min(MOMENTS, MOMENTS_PER_LIST * telling * (1 - CUT - VALIDATION));

/** Makes rows of every moment from the cut on. */
async function live(moments: Iterable<PastMoment>, lived: Lived): Promise<Collected> {
  const { vectoriser, times, input, random, ordered } = lived;
  const width = vectoriser.columns.length;
  const kinds = (): Kinds => ({ shown: new ListCollector(width), proposed: new ListCollector(width) });
  const collected: Collected = { fitting: kinds(), validation: kinds(), held: [] };
  const actions = ordered.filter((event) => event.kind === 'action' && event.occurredAt >= times.cut).length;
  const share = Math.min(1, mostMoments(lived.telling) / Math.max(1, actions * (1 - VALIDATION)));
  const asked = new Set<string>();
  let done = 0;
  for (const moment of moments) {
    const late = moment.event.occurredAt >= times.validation;
    if (moment.kind === 'shown') {
      if (++done % 100 === 0) input.progress.update(done, lived.telling, 'lists replayed');
      if (moment.event.occurredAt >= times.cut) addShown(moment, late, collected, lived);
    } else if (
      late
        ? !asked.has(moment.actor) && asked.size < VALIDATION_MOMENTS
        : moment.event.occurredAt >= times.cut && random() < share
    ) {
      if (late) asked.add(moment.actor);
      await addMoment(moment, late, collected, lived);
    }
  }
  return collected;
}

function addShown(moment: PastMoment & { kind: 'shown' }, late: boolean, collected: Collected, lived: Lived): void {
  const { list, gains, positions, propensities } = moment;
  const { vectoriser, statistics } = lived;
  const { shown } = late ? collected.validation : collected.fitting;
  shown.add(vectoriser.vectorise({ ...list, positions }), gains, wholeList(gains.length));
  if (!late) return;
  const fair = unbiased(gains, positions, statistics.examination);
  collected.held.push({
    key: moment.event.requestId,
    at: moment.event.occurredAt,
    matrix: vectoriser.vectorise(list),
    gains: fair,
    logged: ndcgOfOrder([...gains.keys()], fair),
    trials: propensities.flatMap((propensity, row) =>
      propensity === undefined ? [] : [{ row, place: positions[row]! - 1, propensity, reward: gains[row]! > 0 ? 1 : 0 }],
    ),
  });
}

async function addMoment(
  moment: PastMoment & { kind: 'acted' },
  late: boolean,
  collected: Collected,
  lived: Lived,
): Promise<void> {
  const { vectoriser, stageOne, input, random } = lived;
  const history = moment.listOf([]).history;
  const candidates = await stageOne.propose(history, input.config.serving.candidates, moment.seen);
  const targetAt = candidates.findIndex((candidate) => candidate.ordinal === moment.target);
  if (targetAt < 0 && !late) return;
  const matrix = vectoriser.vectorise(moment.listOf(candidates));
  const gains = Float32Array.from(candidates, (_, i) => (i === targetAt ? 1 : 0));
  if (targetAt >= 0) {
    const { proposed } = late ? collected.validation : collected.fitting;
    proposed.add(matrix, gains, sampleRows(candidates.length, targetAt, ROWS, random));
  }
  if (!late) return;
  const { actor, target, seen, event } = moment;
  const proposed = { moment: { actor, history, seen, target, at: event.occurredAt }, candidates, targetAt, matrix };
  collected.held.push({
    key: actor,
    at: event.occurredAt,
    matrix,
    gains,
    trials: [],
    result: (scores) => momentResult(proposed, scores, input.catalogue),
  });
}

/** Of the lists that stage one proposed, which are what serving ranks. */
function referenceOf(held: readonly Held[], columns: number) {
  const reference = new ReferenceRows(columns);
  for (const { matrix, result } of held) if (result !== undefined) reference.add(matrix);
  return reference.finish();
}
