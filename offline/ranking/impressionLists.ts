import type { EnrichedEvent } from '../../src/domain/event.ts';
import type { Random } from '../../src/domain/random.ts';
import type { Trial } from '../../src/evaluation/counterfactual.ts';
import { positionBucket } from '../../src/features/state/exposure.ts';
import type { ListStatistics } from '../../src/features/statistics.ts';
import type { Vectoriser } from '../../src/ranking/vectoriser.ts';
import type { StageOne, TrainRankerInput } from '../stages/trainRanker.ts';
import { sampleRows } from './interactionLists.ts';
import type { Joined } from './join.ts';
import type { Held } from './judge.ts';
import { unbiased } from './listMetrics.ts';
import { ListCollector, type SampledRow, wholeList } from './lists.ts';
import { momentResult } from './places.ts';
import type { PastMoment } from './replay.ts';

/** Up to here, as a share of the telling lists in time, stage one learns; from here on lists are seen with what it learned. */
export const CUT = 0.3;
/** The share of the telling lists, the latest, that validate. */
export const VALIDATION = 0.2;
/** Moments of people turning by themselves to something new that are taught beside the lists; those validated on, and the rows of each. */
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

export interface Collected {
  readonly fitting: Kinds;
  readonly validation: Kinds;
  readonly held: Held[];
}

interface Lived {
  readonly input: TrainRankerInput;
  readonly stageOne: StageOne;
  readonly vectoriser: Vectoriser;
  readonly statistics: ListStatistics;
  /** Whether how much each place is looked at could be estimated. */
  readonly placesKnown: boolean;
  readonly times: { readonly cut: number; readonly validation: number };
  readonly random: Random;
  readonly telling: number;
  readonly ordered: readonly EnrichedEvent[];
  readonly joined: Joined;
}

/** How many moments are taught beside so many telling lists. */
export const mostMoments = (telling: number): number => Math.min(MOMENTS, MOMENTS_PER_LIST * telling * (1 - CUT - VALIDATION));

/** Makes rows of every moment from the cut on. */
export async function collectImpressions(moments: Iterable<PastMoment>, lived: Lived): Promise<Collected> {
  const { vectoriser, times, input, random, ordered, joined } = lived;
  const width = vectoriser.columns.length;
  const kinds = (): Kinds => ({ shown: new ListCollector(width), proposed: new ListCollector(width) });
  const collected: Collected = { fitting: kinds(), validation: kinds(), held: [] };
  const byThemselves = ordered.filter(
    (event) => event.kind === 'action' && event.occurredAt >= times.cut && !joined.attributed.has(event),
  );
  const share = Math.min(1, mostMoments(lived.telling) / Math.max(1, byThemselves.length * (1 - VALIDATION)));
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
        : !moment.ofList && moment.event.occurredAt >= times.cut && random() < share
    ) {
      if (late) asked.add(moment.actor);
      await addMoment(moment, late, collected, lived);
    }
  }
  return collected;
}

function addShown(moment: PastMoment & { kind: 'shown' }, late: boolean, collected: Collected, lived: Lived): void {
  const { list, gains, positions } = moment;
  const { vectoriser, statistics } = lived;
  const { shown } = late ? collected.validation : collected.fitting;
  const matrix = vectoriser.vectorise(list);
  if (lived.placesKnown) shown.add(matrix, gains, lookedAt(positions, statistics.examination));
  else shown.add(vectoriser.vectorise({ ...list, positions }), gains, wholeList(gains.length));
  if (!late) return;
  collected.held.push({
    key: moment.event.requestId,
    at: moment.event.occurredAt,
    matrix,
    gains: unbiased(gains, positions, statistics.examination),
    trials: trialsOf(moment),
  });
}

/**
 * The places of a list that chance filled, counted from 0 among the rows that are still there; the reward is 1 where what stood
 * there was acted upon.
 */
export const trialsOf = ({ gains, positions, propensities }: PastMoment & { kind: 'shown' }): Trial[] =>
  propensities.flatMap((propensity, row) => {
    if (propensity === undefined) return [];
    const place = positions.filter((position) => position < positions[row]!).length;
    return [{ row, place, propensity, reward: gains[row]! > 0 ? 1 : 0 }];
  });

/**
 * Rows of a list, each standing for the share of its showings that were looked at. Under the position-based model what is acted
 * upon is chosen with a chance in proportion to how much its place is looked at times what it is worth, so the loss explains
 * the places' part of it and the network is left with the items'.
 */
const lookedAt = (positions: readonly number[], examination: readonly number[]): SampledRow[] =>
  positions.map((position, row) => ({ row, standsFor: examination[positionBucket(position)] ?? 1 }));

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
  if (targetAt >= 0 && !moment.ofList) {
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
