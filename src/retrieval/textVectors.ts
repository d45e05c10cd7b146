import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../domain/errors.ts';
import { readArrays, writeArrays } from './arrayFile.ts';

const FILE = 'text.bin';
const metaSchema = z.object({ encoder: z.string(), dimensions: z.number().int().positive() });

/** The text encoder's vectors of items, by ordinal; `undefined` where an item has no text. */
export interface TextVectors {
  readonly dimensions: number;
  readonly vectors: readonly (Float32Array | undefined)[];
}

/** Writes `text.bin`: which ordinals have a vector, and the vectors one after the other. */
export async function writeTextVectors(
  folder: string,
  encoder: { readonly id: string; readonly dimensions: number },
  vectors: readonly (Float32Array | undefined)[],
): Promise<void> {
  const ordinals = vectors.flatMap((vector, i) => (vector === undefined ? [] : [i]));
  const data = new Float32Array(ordinals.length * encoder.dimensions);
  ordinals.forEach((ordinal, place) => {
    data.set(vectors[ordinal] ?? [], place * encoder.dimensions);
  });
  const meta = { encoder: encoder.id, dimensions: encoder.dimensions };
  await writeArrays(join(folder, FILE), 'text', meta, { ordinals: Int32Array.from(ordinals), data });
}

/** @throws UserError naming the file that is missing, truncated or foreign */
export async function readTextVectors(folder: string, itemCount: number): Promise<TextVectors> {
  const file = await readArrays(join(folder, FILE), 'text');
  const meta = metaSchema.safeParse(file.meta);
  if (!meta.success) throw new UserError(`${file.path}: its header does not fit this version: ${z.prettifyError(meta.error)}`);
  const { dimensions } = meta.data;
  const ordinals = file.i32('ordinals');
  const data = file.f32('data', ordinals.length * dimensions);
  const vectors: (Float32Array | undefined)[] = Array.from({ length: itemCount }, () => undefined);
  ordinals.forEach((ordinal, place) => {
    if (ordinal < 0 || ordinal >= itemCount) throw new UserError(`${file.path}: it is of another inventory`);
    vectors[ordinal] = data.subarray(place * dimensions, (place + 1) * dimensions);
  });
  return { dimensions, vectors };
}
