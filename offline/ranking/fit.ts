import type { Progress } from '../../src/cli/progress.ts';
import { calibrationError } from '../../src/evaluation/metrics.ts';
import type { RankerLists, RankerSettings, RankerTrainer } from '../../src/ports/training.ts';
import { type Calibration, fitCalibration, probability } from '../../src/ranking/calibration.ts';
import { type Head, type Heads, headFor } from '../../src/ranking/head.ts';
import { averageOf, type Network } from '../../src/ranking/network.ts';
import type { RankerModel } from '../../src/ranking/rankerModel.ts';
import { measureScaling } from '../../src/ranking/standardise.ts';

/** Networks of different seeds whose mean is what serves: steadier than one, at twice its small cost. */
export const MEMBERS = 2;

const BATCH_LISTS = 16;
/** Short lists go together until a step has about this many rows: a step's cost is mostly its number of operations. */
const BATCH_ROWS = 480;
const EPOCHS = 6;
/** Steps after which even large collections have taught what they can. */
const MOST_STEPS = 8000;
/** Fewer lists than this call for a smaller network. */
const SMALL = 1500;
/** The same for a head of shown lists alone, in two steps. */
const SOME = 10_000;
const MANY = 50_000;
/** Steps that a small network needs to get anywhere, and passes after which it has seen enough of few lists. */
const FEWEST_STEPS = 800;
const MOST_EPOCHS = 60;

/** Settings from how many lists there are and how long they are. */
export function chooseSettings(lists: RankerLists, seed: number): RankerSettings {
  const count = lists.offsets.length - 1;
  const mean = lists.labels.length / Math.max(1, count);
  const batch = Math.min(64, Math.max(BATCH_LISTS, Math.round(BATCH_ROWS / Math.max(1, mean))));
  const stepsPerEpoch = Math.ceil(count / batch);
  return {
    hidden: count < SMALL ? [16, 8] : [64, 32],
    loss: 'softmax',
    epochs: Math.min(EPOCHS, Math.max(1, Math.floor(MOST_STEPS / stepsPerEpoch))),
    batch,
    rate: 0.002,
    decay: 0,
    seed,
  };
}

/**
 * For lists that were shown and nothing else: they are few and short, and what decides in them is mostly a handful of columns, so
 * small networks with weight decay order unseen ones better than large ones until there are many.
 */
export function broughtSettings(lists: RankerLists, seed: number): RankerSettings {
  const count = lists.offsets.length - 1;
  const general = chooseSettings(lists, seed);
  if (count >= MANY) return general;
  const epochs = Math.min(MOST_EPOCHS, Math.max(general.epochs, Math.ceil((FEWEST_STEPS * general.batch) / Math.max(1, count))));
  return { ...general, hidden: count < SOME ? [8, 4] : [16, 8], decay: 1, epochs };
}

export type Fitted = Pick<Head, 'network' | 'scaling'>;

export interface FitOptions {
  readonly seed: number;
  /** Networks of different seeds that are averaged. */
  readonly members: number;
  readonly settings?: (lists: RankerLists, seed: number) => RankerSettings;
}

/** Fits networks to lists and averages them; scaling is measured on the same rows. */
export async function fitRanker(
  trainer: RankerTrainer,
  lists: RankerLists,
  { seed, members, settings: choose = chooseSettings }: FitOptions,
  progress: Progress,
): Promise<Fitted> {
  const scaling = measureScaling(lists.features, lists.columns);
  const settings = choose(lists, seed);
  const networks: Network[] = [];
  for (let member = 0; member < members; member++) {
    networks.push(await trainer.train(lists, scaling, { ...settings, seed: seed + member }, progress));
  }
  return { network: averageOf(networks), scaling };
}

/** How a fitted ranker scores raw rows. */
export const scorer =
  (trainer: RankerTrainer, { network, scaling }: Fitted) =>
  (matrix: Float32Array): Float32Array =>
    trainer.score(network, scaling, matrix);

/** How heads score raw rows of one list: each its own kind. */
export const headsScorer =
  (trainer: RankerTrainer, heads: Heads<Fitted>) =>
  (matrix: Float32Array): Float32Array =>
    scorer(trainer, headFor(heads, matrix))(matrix);

/** The champion's scores, where it reads these columns. */
export const championScorer = (trainer: RankerTrainer, champion: RankerModel | undefined, featuresHash: string) =>
  champion === undefined || champion.featuresHash !== featuresHash ? undefined : headsScorer(trainer, champion);

/** Turns held-out scores into probabilities, and says how far off those are. */
export function calibrate(scores: readonly number[], acted: readonly number[], progress: Progress): Calibration {
  const happened = Uint8Array.from(acted);
  const calibration = fitCalibration(Float32Array.from(scores), happened);
  const said = Float32Array.from(scores, (score) => probability(calibration, score));
  progress.note(
    `scores calibrated on ${scores.length} held-out rows: off by ${calibrationError(said, happened).toFixed(4)} on average`,
  );
  return calibration;
}
