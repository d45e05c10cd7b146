import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fieldDefinitionSchema } from '../config/schema.ts';
import { UserError } from '../domain/errors.ts';
import { parseMeta, readArrays, type StoredArray, writeArrays } from './arrayFile.ts';
import { contentVocabularySchema, createContentEncoder, SPARSE_DIMENSIONS } from './contentEncoder.ts';
import type { CoVisitationData } from './coVisitation.ts';
import type { RetrievalData } from './createModels.ts';
import { readEmbedder, writeEmbedder } from './embedderFile.ts';

/** Folder of the models inside an artifact. */
const FOLDER = 'retrieval';
const count = z.number().int().nonnegative();

const contentMeta = z.object({
  fields: z.record(z.string(), fieldDefinitionSchema),
  eventWeights: z.record(z.string(), z.number()),
  quotas: z.record(z.string(), z.number().nonnegative()),
  itemCount: count,
  featureCount: count,
  sparseDimensions: count.default(SPARSE_DIMENSIONS),
  textDimensions: count,
  textInputs: count,
  vocabulary: contentVocabularySchema,
  embedder: z.boolean(),
});

const coVisitationMeta = z.object({
  window: count,
  decay: z.number(),
  norm: z.number(),
  fromNorm: z.number(),
  directed: z.boolean(),
  budget: z.number(),
  last: count,
  historyDecay: z.number(),
});

const TABLES = ['coVisitation', 'transitions', 'wideCoVisitation'] as const;

/** Writes `retrieval/*.bin` into an artifact's folder. */
export async function saveRetrieval(folder: string, data: RetrievalData): Promise<void> {
  const to = join(folder, FOLDER);
  await mkdir(to, { recursive: true });
  const { encoder, content, popularity } = data;
  const meta: z.infer<typeof contentMeta> = {
    fields: data.fields,
    eventWeights: data.eventWeights,
    quotas: data.quotas,
    itemCount: data.itemCount,
    featureCount: encoder.featureCount,
    sparseDimensions: encoder.sparseDimensions,
    textDimensions: encoder.textDimensions,
    textInputs: encoder.reduction?.inputs ?? 0,
    vocabulary: encoder.vocabulary,
    embedder: data.embedder !== undefined,
  };
  const arrays: Record<string, StoredArray> = {
    offsets: content.offsets,
    features: content.features,
    weights: content.weights,
    text: content.text,
    textMean: encoder.reduction?.mean ?? new Float32Array(0),
    textDirections: encoder.reduction?.directions ?? new Float32Array(0),
    ...popularity,
  };
  await writeArrays(join(to, 'content.bin'), 'content', meta, arrays);
  for (const name of TABLES) {
    const { settings, offsets, items, scores } = data[name];
    await writeArrays(join(to, `${name}.bin`), name, settings, { offsets, items, scores });
  }
  if (data.embedder !== undefined) await writeEmbedder(to, data.embedder);
}

/**
 * Reads what `saveRetrieval` wrote.
 * @throws UserError naming the file that is missing, truncated or foreign
 */
export async function readRetrieval(folder: string): Promise<RetrievalData> {
  const from = join(folder, FOLDER);
  const file = await readArrays(join(from, 'content.bin'), 'content');
  const meta = parseMeta(contentMeta, file);
  const n = meta.itemCount;
  const reduction =
    meta.textInputs === 0
      ? undefined
      : {
          inputs: meta.textInputs,
          dimensions: meta.textDimensions,
          mean: file.f32('textMean', meta.textInputs),
          directions: file.f32('textDirections', meta.textInputs * meta.textDimensions),
        };
  const offsets = file.i32('offsets', n + 1);
  const features = file.i32('features', offsets[n]);
  if (!within(features, meta.featureCount) || !ascending(offsets)) throw new UserError(`${file.path}: its features are damaged`);
  const touched = file.i32('byPopularity');
  const rising = file.i32('byTrend', touched.length);
  if (!within(touched, n) || !within(rising, n)) throw new UserError(`${file.path}: its popularity lists are damaged`);
  const [coVisitation, transitions, wideCoVisitation] = await Promise.all(TABLES.map((name) => readTable(from, name, n)));
  return {
    fields: meta.fields,
    itemCount: n,
    eventWeights: meta.eventWeights,
    quotas: meta.quotas,
    embedder: meta.embedder ? await readEmbedder(from, meta) : undefined,
    coVisitation: coVisitation!,
    transitions: transitions!,
    wideCoVisitation: wideCoVisitation!,
    popularity: {
      counts: file.f32('counts', n),
      decayed: file.f32('decayed', n),
      trend: file.f32('trend', n),
      lateness: file.f32('lateness', n),
      byPopularity: touched,
      byTrend: rising,
    },
    encoder: createContentEncoder(meta.vocabulary, reduction, meta.sparseDimensions),
    content: {
      featureCount: meta.featureCount,
      textDimensions: meta.textDimensions,
      offsets,
      features,
      weights: file.f32('weights', features.length),
      text: file.f32('text', n * meta.textDimensions),
    },
  };
}

async function readTable(from: string, name: string, itemCount: number): Promise<CoVisitationData> {
  const file = await readArrays(join(from, `${name}.bin`), name);
  const offsets = file.i32('offsets', itemCount + 1);
  const items = file.i32('items', offsets[itemCount]);
  if (!ascending(offsets) || !within(items, itemCount)) throw new UserError(`${file.path}: its lists are damaged`);
  return { settings: parseMeta(coVisitationMeta, file), offsets, items, scores: file.f32('scores', items.length) };
}

const within = (list: Int32Array, end: number): boolean => list.every((value) => value >= 0 && value < end);
const ascending = (list: Int32Array): boolean => list.every((value, i) => i === 0 || value >= list[i - 1]!);
