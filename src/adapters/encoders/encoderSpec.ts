import { isRecord } from '../../domain/json.ts';

/** Which text encoder a thread is to run. */
export type EncoderSpec = { readonly kind: 'use-lite' } | { readonly kind: 'onnx'; readonly folder: string };

/**
 * What the bundled encoder is, for those who need not load it. Of a text 128 pieces are read, about 90 English words: time
 * grows in proportion, and half as many find a little less.
 */
export const USE_LITE = { id: 'use-lite-128', dimensions: 512, pieces: 128 };

/** What a thread answers to a list of texts: vectors in their order, or why there are none. */
export type EncoderAnswer =
  | { readonly id: string; readonly dimensions: number; readonly vectors: readonly Float32Array[] }
  | { readonly error: string; readonly isUserError: boolean };

/*
 * What threads send each other is checked by hand: a schema library would be in memory once more in each of them.
 */

/** @throws TypeError for anything else */
export function parseSpec(value: unknown): EncoderSpec {
  if (isRecord(value) && value['kind'] === 'use-lite') return { kind: 'use-lite' };
  if (isRecord(value) && value['kind'] === 'onnx' && typeof value['folder'] === 'string')
    return { kind: 'onnx', folder: value['folder'] };
  throw new TypeError('not a text encoder that a thread can run');
}

/** @throws TypeError for anything else */
export function parseTexts(value: unknown): string[] {
  if (Array.isArray(value) && value.every((text) => typeof text === 'string')) return value;
  throw new TypeError('not a list of texts');
}

/** @throws TypeError for anything else */
export function parseAnswer(value: unknown): EncoderAnswer {
  if (isRecord(value)) {
    const { id, dimensions, vectors, error, isUserError } = value;
    if (typeof error === 'string' && typeof isUserError === 'boolean') return { error, isUserError };
    if (typeof id === 'string' && typeof dimensions === 'number' && isVectors(vectors)) return { id, dimensions, vectors };
  }
  throw new TypeError('not an answer of a text encoder');
}

const isVectors = (value: unknown): value is Float32Array[] =>
  Array.isArray(value) && value.every((vector) => vector instanceof Float32Array);
