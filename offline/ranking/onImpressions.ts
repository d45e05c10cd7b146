import { eventWeights } from '../../src/config/eventWeights.ts';
import type { EnrichedEvent, Impression } from '../../src/domain/event.ts';
import type { Random } from '../../src/domain/random.ts';
import { isSearch } from '../../src/features/clickCounter.ts';
import { categoryFields } from '../../src/features/ranking/categories.ts';
import { emptyStatistics, type ListStatistics } from '../../src/features/statistics.ts';
import { ReferenceRows } from '../../src/ranking/drift.ts';
import { rankerId } from '../../src/ranking/rankerModel.ts';
import { createVectoriser } from '../../src/ranking/vectoriser.ts';
import { before as upTo } from '../../src/retrieval/interactions.ts';
import type { TrainedRanker, TrainRankerInput } from '../stages/trainRanker.ts';
import { estimateExamination } from './examination.ts';
import { broughtSettings, championScorer, fitRanker, headsScorer, MEMBERS, scorer } from './fit.ts';
import { CUT, collectImpressions, VALIDATION } from './impressionLists.ts';
import { inTimeOrder, type Joined, joinActions } from './join.ts';
import { bestOf, type Held, judge } from './judge.ts';
import { concatenate } from './lists.ts';
import { replay, tells } from './replay.ts';

/** With fewer moments than this to a shown list, they do not say how large a network they want. */
const BY_THEMSELVES = 0.1;

/**
 * Teaches from the lists that were shown, by replaying the log in time order through the state features that serve: a row
 * holds what was known when its list was shown. The moments in which people turned to something new that no list brought are
 * taught beside them, with stage one's candidates at that moment; what a list brought would teach there what the ranker of then
 * chose to show.
 * @returns `undefined` where too few lists were acted upon
 */
export async function trainOnImpressions(
  input: TrainRankerInput,
  { enough, random }: { enough: number; random: Random },
): Promise<TrainedRanker | undefined> {
  const { config, catalogue, interactions, progress, trainer } = input;
  const weights = eventWeights(config);
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
  const placesKnown = estimatePlaces(joined, statistics, input);
  const times = {
    cut: telling[Math.floor(CUT * telling.length)]!.occurredAt,
    validation: telling[Math.floor((1 - VALIDATION) * telling.length)]!.occurredAt,
  };
  const stageOne = await input.trainStageOne(upTo(interactions, times.cut), progress);
  const vectoriser = createVectoriser({ models: stageOne.models, catalogue, fields: config.fields, weights, statistics });
  const moments = replay({ catalogue, loop: config.loop, weights, ordered, joined, statistics });
  const collected = await collectImpressions(moments, {
    input,
    stageOne,
    vectoriser,
    statistics,
    placesKnown,
    times,
    random,
    telling: telling.length,
    ordered,
    joined,
  });
  const fitting = { shown: collected.fitting.shown.finish(), proposed: collected.fitting.proposed.finish() };
  if (fitting.shown.labels.length + fitting.proposed.labels.length === 0) return undefined;

  const { seed } = config.training;
  // Where people hardly did anything but by a list, lists decide how what serves is taught.
  const byLists = collected.fitting.proposed.lists < BY_THEMSELVES * collected.fitting.shown.lists;
  const settings = byLists ? { settings: broughtSettings } : {};
  const main = await fitRanker(
    trainer,
    concatenate([fitting.shown, fitting.proposed]),
    { seed, members: 1, ...settings },
    progress,
  );
  const shownOnly = byLists
    ? undefined
    : await fitRanker(trainer, fitting.shown, { seed, members: MEMBERS, settings: broughtSettings }, progress);
  const separate =
    shownOnly !== undefined && bestOf(collected.held, 'shown', [scorer(trainer, shownOnly), scorer(trainer, main)]) === 0;
  const { columns } = vectoriser;
  const judged = judge(collected.held, columns, {
    challenger: headsScorer(trainer, { ...main, columns, ...(separate ? { brought: shownOnly } : {}) }),
    champion: championScorer(trainer, input.champion, vectoriser.hash),
    heads: separate ? 2 : 1,
    progress,
  });
  const shown = concatenate([fitting.shown, collected.validation.shown.finish()]);
  const all = concatenate([shown, fitting.proposed, collected.validation.proposed.finish()]);
  const published = { seed: seed + 100, members: MEMBERS, ...settings };
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

function estimatePlaces(joined: Joined, statistics: ListStatistics, { progress }: TrainRankerInput): boolean {
  // Answers to a text are looked down otherwise, and are estimated where they teach.
  const lists = [...joined.labelled].filter(([list]) => !isSearch(list));
  const examination = estimateExamination(new Map(lists));
  if (examination !== undefined) statistics.examination = examination;
  progress.note(
    examination === undefined
      ? 'the same item hardly ever stood at different places: no propensities could be estimated; the position is a feature, held constant in serving'
      : `places are looked at with probability ${examination.map((share) => share.toFixed(2)).join(' ')}, estimated from items that stood at several`,
  );
  return examination !== undefined;
}

/** Of the lists that stage one proposed, which are what serving ranks. */
function referenceOf(held: readonly Held[], columns: number) {
  const reference = new ReferenceRows(columns);
  for (const { matrix, result } of held) if (result !== undefined) reference.add(matrix);
  return reference.finish();
}
