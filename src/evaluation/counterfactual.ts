import type { Random } from '../domain/random.ts';
import type { Estimate } from './bootstrap.ts';

/** A place that chance filled: what was shown there, with what probability, and what came of it. */
export interface Trial {
  /** Row of the shown item in its list. */
  readonly row: number;
  /** Its place in the list that was shown, counted from 0. */
  readonly place: number;
  readonly propensity: number;
  readonly reward: number;
}

/** Trials of one list with the order a policy would have shown its items in, as rows from the top. */
export interface Replayed {
  readonly order: readonly number[];
  readonly trials: readonly Trial[];
}

const ROUNDS = 1000;
/** Rarer showings are taken for as rare as this: one lucky click must not decide. */
const LEAST_PROPENSITY = 0.01;

/** An estimate from the trials in which the policy would have shown the very same. */
export type Counterfactual = { readonly [figure in keyof Estimate | 'matches']: number };

/**
 * The reward per place that a policy would have earned, from lists that another one showed: self-normalised inverse propensity
 * scoring (Swaminathan and Joachims 2015), over the trials in which both put the same item at the same place, with the
 * percentile bootstrap's 95 % interval over lists. `undefined` where no trial matches.
 */
export function snips(lists: readonly Replayed[], random: Random): Counterfactual | undefined {
  const sums = lists.map(({ order, trials }) => {
    let weight = 0;
    let reward = 0;
    let matches = 0;
    for (const trial of trials) {
      if (order[trial.place] !== trial.row) continue;
      const share = 1 / Math.max(LEAST_PROPENSITY, trial.propensity);
      weight += share;
      reward += share * trial.reward;
      matches += 1;
    }
    return { weight, reward, matches };
  });
  const matches = sums.reduce((sum, list) => sum + list.matches, 0);
  if (matches === 0) return undefined;
  const ratio = (chosen: readonly { readonly weight: number; readonly reward: number }[]): number => {
    const weight = chosen.reduce((sum, list) => sum + list.weight, 0);
    return weight === 0 ? 0 : chosen.reduce((sum, list) => sum + list.reward, 0) / weight;
  };
  const rounds = Array.from({ length: ROUNDS }, () => ratio(sums.map(() => sums[Math.floor(random() * sums.length)]!)));
  rounds.sort((a, b) => a - b);
  return { mean: ratio(sums), low: rounds[Math.floor(0.025 * ROUNDS)]!, high: rounds[Math.ceil(0.975 * ROUNDS) - 1]!, matches };
}
