import { seededRandom } from '../domain/random.ts';

/** How the embedding model is shaped and trained. */
export interface EmbedderSettings {
  readonly seed: number;
  /** Width of the item vectors, without the bias. */
  readonly dimensions: number;
  readonly hidden: number;
  readonly historyLength: number;
  readonly epochs: number;
  readonly dropout: number;
  /** Chance that an item goes without its own vector in a step, so that content learns to stand in for it. */
  readonly idDropout: number;
  /** Negatives of a step, shared by its positions. */
  readonly negatives: number;
  /** Targets of one step. */
  readonly batchPositions: number;
  readonly learningRate: number;
  readonly warmupSteps: number;
  /** Decoupled weight decay of item vectors, per touched row and step, times the learning rate. */
  readonly weightDecay: number;
}

/** The learned numbers, row-major. `d` is `settings.dimensions`. */
export interface EmbedderWeights {
  readonly settings: EmbedderSettings;
  readonly itemCount: number;
  readonly featureCount: number;
  readonly textDimensions: number;
  /** itemCount × d: what an item adds to its content as input, and as output. */
  readonly itemIn: Float32Array;
  readonly itemOut: Float32Array;
  /** itemCount. */
  readonly itemBias: Float32Array;
  /** featureCount × d and featureCount: parts of items by category value or number bucket. */
  readonly featureIn: Float32Array;
  readonly featureOut: Float32Array;
  readonly featureBias: Float32Array;
  /** textDimensions × d and textDimensions. */
  readonly textIn: Float32Array;
  readonly textOut: Float32Array;
  readonly textBias: Float32Array;
  /** historyLength × d: row 0 weighs the latest item. */
  readonly positions: Float32Array;
  /** d × hidden, hidden, hidden × d, d. */
  readonly expand: Float32Array;
  readonly expandBias: Float32Array;
  readonly contract: Float32Array;
  readonly contractBias: Float32Array;
  /** LayerNorm's scale and shift, d each. */
  readonly normScale: Float32Array;
  readonly normShift: Float32Array;
}

/** What LayerNorm adds to the variance, in training as in serving. */
export const LAYER_NORM_EPSILON = 1e-6;

/** Names of the arrays that every step touches whole. */
export const DENSE_NAMES = [
  'textIn',
  'textOut',
  'textBias',
  'positions',
  'expand',
  'expandBias',
  'contract',
  'contractBias',
  'normScale',
  'normShift',
] as const;

/** Names of all arrays, in the order they are stored. */
export const WEIGHT_NAMES = ['itemIn', 'itemOut', 'itemBias', 'featureIn', 'featureOut', 'featureBias', ...DENSE_NAMES] as const;
type WeightName = (typeof WEIGHT_NAMES)[number];

export interface EmbedderShape {
  readonly itemCount: number;
  readonly featureCount: number;
  readonly textDimensions: number;
}

/** Lengths of the arrays. */
export function weightLengths(settings: Pick<EmbedderSettings, 'dimensions' | 'hidden' | 'historyLength'>, shape: EmbedderShape) {
  const { dimensions: d, hidden, historyLength } = settings;
  const { itemCount, featureCount, textDimensions } = shape;
  return {
    itemIn: itemCount * d,
    itemOut: itemCount * d,
    itemBias: itemCount,
    featureIn: featureCount * d,
    featureOut: featureCount * d,
    featureBias: featureCount,
    textIn: textDimensions * d,
    textOut: textDimensions * d,
    textBias: textDimensions,
    positions: historyLength * d,
    expand: d * hidden,
    expandBias: hidden,
    contract: hidden * d,
    contractBias: d,
    normScale: d,
    normShift: d,
  } satisfies Record<WeightName, number>;
}

/**
 * Small random vectors, position weights that fall with age, a feed-forward layer that starts near nothing. With counts, the
 * biases start at the log of popularity against the average item's, which small steps would take long to find; an item that
 * comes later has 0, the average.
 */
export function initialWeights(settings: EmbedderSettings, shape: EmbedderShape, counts?: Float32Array): EmbedderWeights {
  const random = seededRandom(settings.seed);
  const lengths = weightLengths(settings, shape);
  const { dimensions: d, hidden } = settings;
  const normal = (length: number, scale: number) => Float32Array.from({ length }, () => scale * gaussian(random));
  const positions = new Float32Array(lengths.positions);
  for (let k = 0; k < settings.historyLength; k++) positions.fill(0.9 ** k, k * d, (k + 1) * d);
  return {
    settings,
    ...shape,
    itemIn: normal(lengths.itemIn, 0.05),
    itemOut: normal(lengths.itemOut, 0.05),
    itemBias: counts === undefined ? new Float32Array(lengths.itemBias) : logPopularity(counts),
    featureIn: normal(lengths.featureIn, 0.05),
    featureOut: normal(lengths.featureOut, 0.05),
    featureBias: new Float32Array(lengths.featureBias),
    textIn: normal(lengths.textIn, 0.05),
    textOut: normal(lengths.textOut, 0.05),
    textBias: new Float32Array(lengths.textBias),
    positions,
    expand: normal(lengths.expand, Math.sqrt(2 / d)),
    expandBias: new Float32Array(hidden),
    contract: normal(lengths.contract, 0.1 * Math.sqrt(1 / hidden)),
    contractBias: new Float32Array(d),
    normScale: new Float32Array(d).fill(1),
    normShift: new Float32Array(d),
  };
}

/** The bias of an item whose popularity is not known yet: the log of what biases amount to on average. */
export function newItemBias(biases: Float32Array): number {
  let sum = 0;
  for (const bias of biases) sum += Math.exp(bias);
  return sum > 0 ? Math.log(sum / biases.length) : 0;
}

function logPopularity(counts: Float32Array): Float32Array {
  const logs = counts.map((count) => Math.log(1 + count));
  const mean = logs.reduce((sum, log) => sum + log, 0) / Math.max(1, logs.length);
  return logs.map((log) => log - mean);
}

/** Marsaglia's polar method, one value a call. */
function gaussian(random: () => number): number {
  for (;;) {
    const u = 2 * random() - 1;
    const v = 2 * random() - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}
