import type { Progress } from '../../src/cli/progress.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { type Counterfactual, snips, type Trial } from '../../src/evaluation/counterfactual.ts';
import type { MomentResult } from '../../src/evaluation/report.ts';
import type { Calibration } from '../../src/ranking/calibration.ts';
import { calibrate } from './fit.ts';
import { ndcgOfOrder, stageOneScorer } from './listMetrics.ts';
import { asTheyStand, byScore } from './places.ts';

/** A list to validate on: its rows as they serve, and what came of it. */
export interface Held {
  readonly key: string;
  /** When it was shown or acted upon, milliseconds. */
  readonly at: number;
  readonly matrix: Float32Array;
  readonly gains: Float32Array;
  /** Places of it that chance filled. */
  readonly trials: readonly Trial[];
  /** What the list comes to under an order, for those that stage one proposed. */
  readonly result?: (scores: Float32Array) => MomentResult;
}

/** Reward a place by each order, estimated from the places that chance filled. */
export type Counterfactuals = {
  readonly ranked: Counterfactual;
  readonly before: Counterfactual;
  readonly champion: Counterfactual | null;
};

/** Of the resampling alone. */
const SEED = 1;

type Score = (matrix: Float32Array) => Float32Array;

const figure = ({ gains }: Held, scores: Float32Array): number => ndcgOfOrder(byScore(scores), gains);

/** Which of the scorers orders the held lists of a kind best; the first of equals, and where there are none. */
export function bestOf(held: readonly Held[], kind: 'shown' | 'proposed', scorers: readonly Score[]): number {
  const lists = held.filter(({ result }) => (result === undefined) === (kind === 'shown'));
  const gained = scorers.map((score) => lists.reduce((sum, list) => sum + figure(list, score(list.matrix)), 0));
  return gained.indexOf(Math.max(...gained));
}

/**
 * Figures of every held list, by the new ranker, in stage one's order, and by the champion; and what turns its scores into
 * probabilities, by the kind of list where it has two heads.
 */
export function judge(
  held: readonly Held[],
  columns: readonly string[],
  by: { challenger: Score; champion: Score | undefined; heads: 1 | 2; progress: Progress },
) {
  const { champion, progress } = by;
  const stageOne = stageOneScorer(columns);
  const results: MomentResult[] = [];
  const retrieved: MomentResult[] = [];
  const scored = held.map((list) => {
    const scores = by.challenger(list.matrix);
    if (list.result !== undefined) {
      results.push(list.result(scores));
      retrieved.push(list.result(asTheyStand(list.gains.length)));
    }
    return { list, scores };
  });
  const proposed = scored.filter(({ list }) => list.result !== undefined);
  const shown = scored.filter(({ list }) => list.result === undefined);
  return {
    calibration: calibrationOf(by.heads === 1 || proposed.length === 0 ? scored : proposed, progress),
    ...(by.heads === 1 ? {} : { broughtCalibration: calibrationOf(shown, progress) }),
    validation: {
      lists: held.map(({ key }) => key),
      times: held.map(({ at }) => at),
      ranked: scored.map(({ list, scores }) => figure(list, scores)),
      // What stage one proposed already stands in its order.
      before: held.map((list) =>
        list.result === undefined ? figure(list, stageOne(list.matrix)) : ndcgOfOrder([...list.gains.keys()], list.gains),
      ),
      ...(champion === undefined ? {} : { champion: held.map((list) => figure(list, champion(list.matrix))) }),
      results,
      retrieved,
      ...counterfactuals(held, { ranked: by.challenger, before: stageOne, champion }),
    },
  };
}

/** What each order would have earned a place, where chance filled some: beside the figures, as it needs no corrected gains. */
function counterfactuals(
  held: readonly Held[],
  orders: { readonly ranked: Score; readonly before: Score; readonly champion: Score | undefined },
): { readonly counterfactual?: Counterfactuals } {
  const tried = held.filter(({ trials }) => trials.length > 0);
  const earned = (score: Score | undefined): Counterfactual | undefined =>
    score === undefined
      ? undefined
      : snips(
          tried.map(({ matrix, trials }) => ({ order: byScore(score(matrix)), trials })),
          seededRandom(SEED),
        );
  const [ranked, before, champion] = [earned(orders.ranked), earned(orders.before), earned(orders.champion)];
  if (ranked === undefined || before === undefined) return {};
  return { counterfactual: { ranked, before, champion: champion ?? null } };
}

const calibrationOf = (
  lists: readonly { readonly list: Held; readonly scores: Float32Array }[],
  progress: Progress,
): Calibration =>
  calibrate(
    lists.flatMap(({ scores }) => [...scores]),
    lists.flatMap(({ list }) => Array.from(list.gains, (gain) => (gain > 0 ? 1 : 0))),
    progress,
  );
