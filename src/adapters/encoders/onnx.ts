import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { UserError } from '../../domain/errors.ts';
import type { TextEncoder } from '../../ports/models.ts';
import { type OnnxRuntime, type OnnxSession, onnxRuntimeSchema } from './onnxRuntime.ts';
import { normalise } from './vectors.ts';
import { createWordPiece } from './wordPiece.ts';

const BATCH = 32;
/** Pieces of a text that are read, about 90 English words. */
const PIECES = 128;
const MODEL_FILES = ['model.onnx', 'onnx/model.onnx', 'model_quantized.onnx', 'onnx/model_quantized.onnx'];

const tokenizerSchema = z.object({ model: z.object({ type: z.literal('WordPiece'), vocab: z.record(z.string(), z.number()) }) });
const tokenizerConfigSchema = z.object({ do_lower_case: z.boolean().default(true) });
const poolingSchema = z.object({ pooling_mode_cls_token: z.boolean().default(false) });

/**
 * A sentence-transformers model of the BERT family in ONNX form, from a folder: `model.onnx`, and `vocab.txt` or
 * `tokenizer.json` (WordPiece); `1_Pooling/config.json` and `tokenizer_config.json` are heeded where they are there. Runs on
 * onnxruntime-web, which is looked for in the folder and then where Winnow is installed. Unit vectors; the id tells the weights.
 * @throws UserError naming what is missing
 */
export async function createOnnxEncoder(folder: string): Promise<TextEncoder> {
  const path = MODEL_FILES.map((name) => join(folder, name)).find((file) => existsSync(file));
  if (path === undefined) throw new UserError(`the text encoder's folder ${folder} has no ${MODEL_FILES[0]}`);
  const [weights, tokenise, pooling] = await Promise.all([
    readFile(path),
    readTokeniser(folder),
    readJson(join(folder, '1_Pooling', 'config.json'), poolingSchema),
  ]);
  const runtime = await loadRuntime(folder);
  let session: OnnxSession;
  try {
    session = await runtime.InferenceSession.create(new Uint8Array(weights));
  } catch (cause) {
    throw new UserError(
      `${path} is not a model that onnxruntime-web can run: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
  const embedLists = (lists: readonly (readonly number[])[]): Promise<Float32Array[]> =>
    runBatch(runtime, session, lists, pooling.pooling_mode_cls_token);
  const [probe] = await embedLists([tokenise('', PIECES)]);
  const dimensions = probe?.length ?? 0;

  return {
    id: `onnx-${createHash('sha256').update(weights).digest('hex').slice(0, 12)}-${PIECES}`,
    dimensions,
    async embed(texts) {
      const lists = texts.map((text) => tokenise(text, PIECES));
      // A list of the two marks alone is a text without a piece.
      const order = lists.flatMap((list, i) => (list.length > 2 ? [i] : []));
      order.sort((a, b) => (lists[a]?.length ?? 0) - (lists[b]?.length ?? 0));
      const vectors: Float32Array[] = texts.map(() => new Float32Array(dimensions));
      for (let start = 0; start < order.length; start += BATCH) {
        const rows = order.slice(start, start + BATCH);
        const embedded = await embedLists(rows.map((i) => lists[i] ?? []));
        rows.forEach((i, row) => {
          const vector = embedded[row];
          if (vector !== undefined) vectors[i] = vector;
        });
      }
      return vectors;
    },
  };
}

async function readTokeniser(folder: string): Promise<(text: string, limit: number) => number[]> {
  const { do_lower_case: lowerCase } = await readJson(join(folder, 'tokenizer_config.json'), tokenizerConfigSchema);
  const list = join(folder, 'vocab.txt');
  const description = join(folder, 'tokenizer.json');
  if (existsSync(list)) {
    const lines = (await readFile(list, 'utf8')).split(/\r?\n/);
    return createWordPiece(new Map(lines.map((piece, id) => [piece, id])), { lowerCase });
  }
  if (!existsSync(description))
    throw new UserError(`the text encoder's folder ${folder} has neither vocab.txt nor tokenizer.json`);
  const { model } = await readJson(description, tokenizerSchema);
  return createWordPiece(new Map(Object.entries(model.vocab)), { lowerCase });
}

/** A file's JSON; what the schema makes of nothing where the file is not there. */
async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(existsSync(path) ? JSON.parse(await readFile(path, 'utf8')) : {});
  if (!parsed.success) throw new UserError(`${path} is not what the text encoder can read: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

async function loadRuntime(folder: string): Promise<OnnxRuntime> {
  const places = [join(resolve(folder), 'package.json'), import.meta.url];
  for (const place of places) {
    let file: string;
    try {
      file = createRequire(place).resolve('onnxruntime-web');
    } catch {
      continue;
    }
    const runtime = onnxRuntimeSchema.parse((await import(pathToFileURL(file).href)).default);
    // Its threads are worker threads, which cost more than they bring for a query.
    runtime.env.wasm.numThreads = 1;
    return runtime;
  }
  throw new UserError(`an ONNX text encoder needs onnxruntime-web: run "npm install --prefix ${folder} onnxruntime-web"`);
}

/** One pass: ids padded to the longest list, token vectors pooled by mean or by the first. */
async function runBatch(
  runtime: OnnxRuntime,
  session: OnnxSession,
  lists: readonly (readonly number[])[],
  first: boolean,
): Promise<Float32Array[]> {
  const width = Math.max(...lists.map((list) => list.length));
  const size = lists.length * width;
  const ids = new BigInt64Array(size);
  const mask = new BigInt64Array(size);
  lists.forEach((list, row) => {
    list.forEach((id, i) => {
      ids[row * width + i] = BigInt(id);
      mask[row * width + i] = 1n;
    });
  });
  const tensor = (data: BigInt64Array) => new runtime.Tensor('int64', data, [lists.length, width]);
  const all = { input_ids: tensor(ids), attention_mask: tensor(mask), token_type_ids: tensor(new BigInt64Array(size)) };
  const feeds = Object.fromEntries(Object.entries(all).filter(([name]) => session.inputNames.includes(name)));
  const output = (await session.run(feeds))[session.outputNames[0] ?? ''];
  if (output === undefined) throw new Error('the text encoder gave no output');
  const data = output.data;
  const dimensions = output.dims.at(-1) ?? 0;
  const isPooled = output.dims.length === 2;
  return lists.map((list, row) => {
    const vector = new Float32Array(dimensions);
    const tokens = isPooled || first ? 1 : list.length;
    const from = isPooled ? row * dimensions : row * width * dimensions;
    for (let i = 0; i < tokens; i++)
      for (let d = 0; d < dimensions; d++) vector[d] = (vector[d] ?? 0) + (data[from + i * dimensions + d] ?? 0);
    return normalise(vector);
  });
}
