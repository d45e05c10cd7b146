import { seededRandom } from '../../src/domain/random.ts';
import { estimate, type PairedEstimate, pairedEstimate } from '../../src/evaluation/bootstrap.ts';
import type { Counterfactual } from '../../src/evaluation/counterfactual.ts';

export interface GateInput {
  /** What one figure a list is, such as `ndcg@10`. */
  readonly metric: string;
  /** Figures of the same lists, in the same order. */
  readonly challenger: readonly number[];
  readonly champion: readonly number[];
  /** Who the champion is, for the reason: a version, or `retrieval order`. */
  readonly championName: string;
  /** Publishes whatever comes out; the reason says so. */
  readonly force: boolean;
  /** What both would have earned a place where chance chose what was shown; it is told beside the verdict. */
  readonly counterfactual?: { readonly challenger: Counterfactual; readonly champion: Counterfactual };
  readonly seed: number;
}

export interface GateDecision {
  readonly publish: boolean;
  readonly forced: boolean;
  /** One sentence for the log and the report. */
  readonly reason: string;
  readonly lists: number;
  readonly challenger: number;
  readonly champion: number;
  readonly difference: PairedEstimate;
}

/** Fewer lists than this decide nothing, and nothing speaks against the challenger. */
const FEWEST_LISTS = 30;
/** The share of the champion's figure that may be lost within the interval's reach before a challenger is taken for worse. */
const TOLERANCE = 0.02;

/**
 * Lets a challenger through unless it is worse on the same lists: it is refused where the whole 95 % interval of the paired
 * difference lies below zero, or where its middle is more than 2 % of the champion's figure below. A refusal is an answer, not
 * an error.
 */
export function gate({ metric, challenger, champion, championName, force, seed, counterfactual }: GateInput): GateDecision {
  const difference = pairedEstimate(challenger, champion, seededRandom(seed));
  const means = {
    challenger: estimate(challenger, seededRandom(seed), 1).mean,
    champion: estimate(champion, seededRandom(seed), 1).mean,
  };
  const figures =
    `${metric} ${means.challenger.toFixed(4)} against ${means.champion.toFixed(4)} of ${championName} on ${challenger.length} lists ` +
    `(difference ${difference.mean.toFixed(4)}, 95 % between ${difference.low.toFixed(4)} and ${difference.high.toFixed(4)})` +
    told(counterfactual);
  const base = { lists: challenger.length, ...means, difference };
  if (challenger.length < FEWEST_LISTS) {
    return {
      publish: true,
      forced: false,
      reason: `published without comparison: ${challenger.length} lists tell too little`,
      ...base,
    };
  }
  const worse = difference.high < 0;
  const lower = difference.mean < -TOLERANCE * means.champion;
  if (!worse && !lower) return { publish: true, forced: false, reason: `published: ${figures}`, ...base };
  const why = worse ? 'it is worse beyond chance' : `it is more than ${TOLERANCE * 100} % lower`;
  return force
    ? { publish: true, forced: true, reason: `published by force although ${why}: ${figures}`, ...base }
    : { publish: false, forced: false, reason: `refused because ${why}: ${figures}`, ...base };
}

function told(counterfactual: GateInput['counterfactual']): string {
  if (counterfactual === undefined) return '';
  const { challenger, champion } = counterfactual;
  const range = ({ mean, low, high, matches }: Counterfactual): string =>
    `${mean.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)}, ${matches} places)`;
  return `; where chance chose, actions a place by SNIPS ${range(challenger)} against ${range(champion)}`;
}
