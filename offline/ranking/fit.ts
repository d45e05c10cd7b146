import type { Progress } from '../../src/cli/progress.ts';
import { calibrationError } from '../../src/evaluation/metrics.ts';
import type { RankerLists, RankerSettings, RankerTrainer } from '../../src/ports/training.ts';
import { type Calibration, fitCalibration, probability } from '../../src/ranking/calibration.ts';
import { averageOf, type Network } from '../../src/ranking/network.ts';
import type { RankerModel } from '../../src/ranking/rankerModel.ts';
import { measureScaling, type Scaling } from '../../src/ranking/standardise.ts';

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

export interface Fitted {
  readonly network: Network;
  readonly scaling: Scaling;
}

/** Fits networks to lists and averages them; scaling is measured on the same rows. */
export async function fitRanker(
  trainer: RankerTrainer,
  lists: RankerLists,
  { seed, members }: { readonly seed: number; readonly members: number },
  progress: Progress,
): Promise<Fitted> {
  const scaling = measureScaling(lists.features, lists.columns);
  const settings = chooseSettings(lists, seed);
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

/** The champion's scores, where it reads these columns. */
export const championScorer = (trainer: RankerTrainer, champion: RankerModel | undefined, featuresHash: string) =>
  champion === undefined || champion.featuresHash !== featuresHash ? undefined : scorer(trainer, champion);

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
