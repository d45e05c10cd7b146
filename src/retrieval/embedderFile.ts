import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../domain/errors.ts';
import { parseMeta, readArrays, writeArrays } from './arrayFile.ts';
import type { RetrievalData } from './createModels.ts';
import { type EmbedderShape, WEIGHT_NAMES, weightLengths } from './embedderWeights.ts';

const count = z.number().int().nonnegative();

const embedderMeta = z.object({
  id: z.string(),
  itemCount: count,
  featureCount: count,
  textDimensions: count,
  settings: z.object({
    seed: z.number(),
    dimensions: count,
    hidden: count,
    historyLength: count,
    epochs: count,
    dropout: z.number(),
    idDropout: z.number(),
    negatives: count,
    batchPositions: count,
    learningRate: z.number(),
    warmupSteps: count,
    weightDecay: z.number(),
  }),
});

const NAME = 'embedder';

type StoredEmbedder = NonNullable<RetrievalData['embedder']>;

/** Writes `embedder.bin` into the models' folder. */
export async function writeEmbedder(to: string, { id, weights }: StoredEmbedder): Promise<void> {
  const { settings, itemCount, featureCount, textDimensions } = weights;
  const stored = Object.fromEntries(WEIGHT_NAMES.map((array) => [array, weights[array]]));
  await writeArrays(join(to, `${NAME}.bin`), NAME, { id, settings, itemCount, featureCount, textDimensions }, stored);
}

/** Reads it. @throws UserError naming the file where it is missing, truncated or foreign, or its weights are of another shape */
export async function readEmbedder(from: string, content: EmbedderShape): Promise<StoredEmbedder> {
  const file = await readArrays(join(from, `${NAME}.bin`), NAME);
  const { id, settings, ...shape } = parseMeta(embedderMeta, file);
  for (const size of ['itemCount', 'featureCount', 'textDimensions'] as const) {
    if (shape[size] !== content[size]) {
      throw new UserError(`${file.path}: was trained on ${size} ${shape[size]}, the artifact has ${content[size]}`);
    }
  }
  const lengths = weightLengths(settings, shape);
  const array = (weight: (typeof WEIGHT_NAMES)[number]) => file.f32(weight, lengths[weight]);
  return {
    id,
    weights: {
      settings,
      ...shape,
      itemIn: array('itemIn'),
      itemOut: array('itemOut'),
      itemBias: array('itemBias'),
      featureIn: array('featureIn'),
      featureOut: array('featureOut'),
      featureBias: array('featureBias'),
      textIn: array('textIn'),
      textOut: array('textOut'),
      textBias: array('textBias'),
      positions: array('positions'),
      expand: array('expand'),
      expandBias: array('expandBias'),
      contract: array('contract'),
      contractBias: array('contractBias'),
      normScale: array('normScale'),
      normShift: array('normShift'),
    },
  };
}
