import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Random, seededRandom } from '../../domain/random.ts';
import type { EmbedderData, EmbedderTrainer } from '../../ports/training.ts';
import {
  type EmbedderSettings,
  type EmbedderWeights,
  initialWeights,
  newItemBias,
  WEIGHT_NAMES,
} from '../../retrieval/embedderWeights.ts';
import type { TfBackend } from './backend.ts';
import { type Batch, createBatches, targetMask } from './embedderBatches.ts';
import { embedderLoss, type StepInputs } from './embedderLoss.ts';
import { createRowUpdater } from './embedderUpdate.ts';
import { createNegatives, type Negatives } from './negatives.ts';
import { scoped } from './ops.ts';

/**
 * Trains stage one's model: the loss and its gradients are TensorFlow.js's, the sparse updates of the embedding tables are
 * made here. Peak memory is three times the weights (Adam's means) and about 50 MB for a step.
 */
export function createEmbedderTrainer(backend: TfBackend): EmbedderTrainer {
  return {
    backend: backend.name,
    async train(data, settings, progress, { start, from = 0, to = settings.epochs } = {}) {
      const counts = countItems(data);
      const weights = start === undefined ? fresh(data, settings, counts) : copy(start, settings);
      const mask = targetMask(data.sequences, data.itemCount);
      const batches = createBatches(data.sequences, mask, settings.historyLength, settings.batchPositions);
      if (batches.positions === 0) return weights;
      const random = seededRandom(settings.seed + 1 + from);
      const drawNegatives = createNegatives(counts, settings.negatives);
      const updater = createRowUpdater(weights, data.content, settings);
      const total = batches.stepsPerEpoch * settings.epochs;
      const begin = batches.stepsPerEpoch * from;
      let t = 0;
      let loss = 0;
      for (let epoch = from; epoch < to; epoch++) {
        for (const batch of batches.epoch(random)) {
          t++;
          const inputs = stepInputs(batch, data, settings, drawNegatives(random), updater.rowsOf, random);
          backend.use();
          const gradients = scoped(backend.tf, () => embedderLoss(backend.tf, inputs, weights, settings));
          updater.apply(inputs, gradients, { t, rate: learningRate(settings, begin + t, total), decay: settings.weightDecay });
          loss = t === 1 ? gradients.loss : loss + 0.02 * (gradients.loss - loss);
          if (!Number.isFinite(gradients.loss))
            throw new Error(`the embedding model's loss became ${gradients.loss} at step ${t}`);
          if (t % 10 === 0) {
            progress.update(begin + t, total, `loss ${loss.toFixed(3)}`);
            await nextTurn();
          }
        }
      }
      progress.update(begin + t, total, `loss ${loss.toFixed(3)}`);
      settleUntouched(weights, counts);
      return weights;
    },
  };
}

/** Linear warm-up, then half a cosine down to a hundredth. */
function learningRate(settings: EmbedderSettings, t: number, total: number): number {
  const warmup = Math.min(settings.warmupSteps, Math.ceil(total / 10));
  if (t <= warmup) return (settings.learningRate * t) / warmup;
  const done = (t - warmup) / Math.max(1, total - warmup);
  return settings.learningRate * (0.01 + 0.99 * 0.5 * (1 + Math.cos(Math.PI * done)));
}

function stepInputs(
  batch: Batch,
  data: EmbedderData,
  settings: EmbedderSettings,
  negatives: Negatives,
  rowsOf: (items: Int32Array, side: 'in' | 'out', dropped: (item: number) => boolean) => Float32Array,
  random: Random,
): StepInputs {
  const hasContent = data.content.featureCount > 0 || data.content.textDimensions > 0;
  const dropped = hasContent && settings.idDropout > 0 ? droppedItems(settings.idDropout, random) : () => false;
  return {
    batch,
    negatives,
    dropped,
    content: data.content,
    rows: rowsOf(batch.rows, 'in', dropped),
    own: rowsOf(batch.targets, 'out', dropped),
    others: rowsOf(negatives.items, 'out', dropped),
    rowMask: dropoutMask(batch.rows.length * settings.dimensions, settings.dropout, random),
    queryMask: dropoutMask(batch.targets.length * settings.dimensions, settings.dropout, random),
  };
}

/** How often each item was taken. The softmax is over those that anybody took: the others would only learn that nobody did. */
function countItems({ sequences, itemCount }: EmbedderData): Float32Array {
  const counts = new Float32Array(itemCount);
  for (const item of sequences.items) counts[item]!++;
  return counts;
}

/** Items that nobody took are known by their content alone, and are as popular as one expects of an item not known. */
function settleUntouched(weights: EmbedderWeights, counts: Float32Array): void {
  const d = weights.settings.dimensions;
  const expected = newItemBias(weights.itemBias.filter((_, item) => counts[item]! > 0));
  for (let item = 0; item < weights.itemCount; item++) {
    if (counts[item]! > 0) continue;
    weights.itemIn.fill(0, item * d, (item + 1) * d);
    weights.itemOut.fill(0, item * d, (item + 1) * d);
    weights.itemBias[item] = expected;
  }
}

/** Decides by item and step, so that an item is dropped everywhere in a step or nowhere. */
function droppedItems(chance: number, random: Random): (item: number) => boolean {
  const salt = Math.floor(random() * 0x7fffffff);
  const limit = chance * 4294967296;
  return (item) => {
    let h = Math.imul(item ^ salt, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0 < limit;
  };
}

/** Zeros with the given chance, else what keeps the expectation; `undefined` for no dropout. */
function dropoutMask(length: number, dropout: number, random: Random): Float32Array | undefined {
  if (dropout <= 0) return undefined;
  const mask = new Float32Array(length);
  const keep = 1 / (1 - dropout);
  const limit = Math.round(dropout * 0x10000);
  // A random number has bits for two.
  for (let i = 0; i < length; i += 2) {
    const bits = random() * 0x100000000;
    mask[i] = (bits & 0xffff) < limit ? 0 : keep;
    if (i + 1 < length) mask[i + 1] = bits >>> 16 < limit ? 0 : keep;
  }
  return mask;
}

function fresh(data: EmbedderData, settings: EmbedderSettings, counts: Float32Array): EmbedderWeights {
  const { featureCount, textDimensions } = data.content;
  return initialWeights(settings, { itemCount: data.itemCount, featureCount, textDimensions }, counts);
}

function copy(start: EmbedderWeights, settings: EmbedderSettings): EmbedderWeights {
  const arrays = Object.fromEntries(WEIGHT_NAMES.map((name) => [name, start[name].slice()]));
  return { ...start, ...arrays, settings };
}
