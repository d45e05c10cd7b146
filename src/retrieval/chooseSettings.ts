import type { TrainingConfig } from '../config/schema.ts';
import type { EmbedderSettings } from './embedderWeights.ts';
import type { Sequences } from './interactions.ts';

const BATCH_POSITIONS = 2048;
/** Steps that there is time for, and the passes after which small sets stop improving. */
const TARGET_STEPS = 3000;
const MAX_EPOCHS = 30;
/** Vectors are twice as long where items were taken this often on average: fewer actions do not fill that many numbers. */
const DENSE = 40;
const DIMENSIONS = { sparse: 64, dense: 128 };
const MAX_HIDDEN = 128;

/**
 * Settings from the size and the density of the data, where the configuration does not give them. Sparse sets need more
 * passes and more dropout, dense ones less of both.
 */
export function chooseEmbedderSettings(training: TrainingConfig, sequences: Sequences, itemCount: number): EmbedderSettings {
  const positions = Math.max(1, sequences.items.length - (sequences.offsets.length - 1));
  const stepsPerEpoch = positions / BATCH_POSITIONS;
  const perItem = positions / Math.max(1, itemCount);
  const minimum = positions > 3_000_000 ? 1 : 3;
  const epochs = Math.min(MAX_EPOCHS, Math.max(minimum, Math.round(TARGET_STEPS / stepsPerEpoch)));
  const dimensions = training.dimensions ?? (perItem < DENSE ? DIMENSIONS.sparse : DIMENSIONS.dense);
  // Numbers that have fewer actions to learn from want more dropout.
  const perNumber = (perItem * DIMENSIONS.sparse) / dimensions;
  const sparse = 1 - along(perItem, 20, 200);
  return {
    seed: training.seed,
    dimensions,
    hidden: hiddenFor(dimensions),
    historyLength: training.historyLength,
    epochs: training.epochs ?? epochs,
    dropout: training.dropout ?? 0.4 - 0.3 * along(perNumber, 50, 500),
    idDropout: 0.2,
    negatives: 512,
    batchPositions: Math.min(BATCH_POSITIONS, Math.max(64, Math.ceil(positions / 20))),
    learningRate: 0.005 + 0.005 * sparse,
    warmupSteps: 50,
    weightDecay: 0,
  };
}

/** Width of the feed-forward layer behind the pooled history. */
export const hiddenFor = (dimensions: number): number => Math.min(2 * dimensions, MAX_HIDDEN);

/** Where a number stands between two others on a logarithmic scale: 0 up to the first, 1 from the second on. */
const along = (value: number, from: number, to: number): number =>
  Math.min(1, Math.max(0, Math.log(value / from) / Math.log(to / from)));
