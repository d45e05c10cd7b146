import type { Progress } from '../../src/cli/progress.ts';
import type { RankerLists, RankerSettings, RankerTrainer } from '../../src/ports/training.ts';
import { averageOf, type Network } from '../../src/ranking/network.ts';
import type { RankerModel } from '../../src/ranking/rankerModel.ts';
import { measureScaling, type Scaling } from '../../src/ranking/standardise.ts';

export const rankerSettings: Omit<RankerSettings, 'seed'> = {
  hidden: [64, 32],
  loss: 'softmax',
  epochs: 6,
  batch: 16,
  rate: 0.002,
  decay: 0,
};

/** Networks of different seeds whose mean is what serves: steadier than one, at twice its small cost. */
const MEMBERS = 2;

export interface Fitted {
  readonly network: Network;
  readonly scaling: Scaling;
}

/** Fits the network to lists; scaling is measured on the same rows. */
export async function fitRanker(
  trainer: RankerTrainer,
  lists: RankerLists,
  settings: RankerSettings,
  progress: Progress,
): Promise<Fitted> {
  const scaling = measureScaling(lists.features, lists.columns);
  const members: Network[] = [];
  for (let member = 0; member < MEMBERS; member++) {
    members.push(await trainer.train(lists, scaling, { ...settings, seed: settings.seed + member }, progress));
  }
  return { network: averageOf(members), scaling };
}

/** How a fitted ranker scores raw rows. */
export const scorer =
  (trainer: RankerTrainer, { network, scaling }: Fitted) =>
  (matrix: Float32Array): Float32Array =>
    trainer.score(network, scaling, matrix);

/** The champion's scores, where it reads these columns. */
export const championScorer = (trainer: RankerTrainer, champion: RankerModel | undefined, featuresHash: string) =>
  champion === undefined || champion.featuresHash !== featuresHash ? undefined : scorer(trainer, champion);
