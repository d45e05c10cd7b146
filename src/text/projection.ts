import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../domain/errors.ts';
import type { VectorIndex } from '../ports/vectorIndex.ts';
import { readArrays, writeArrays } from '../retrieval/arrayFile.ts';
import { principalDirections } from '../retrieval/textReduction.ts';

/** Fewer dimensions in which inner products of a catalogue's text vectors stay about what they are: row-major [dimensions × inputs]. */
export interface Projection {
  readonly inputs: number;
  readonly dimensions: number;
  readonly directions: Float32Array;
}

/** Larger catalogues keep the projections of their text vectors: a fifth of the memory, hardly a loss of relevance. */
const LARGE = 20_000;
const DIMENSIONS = 96;
/** Vectors that the directions are found from. */
const SAMPLE = 4000;
const FILE = 'projection.bin';

/**
 * The plane through the origin nearest to the vectors (truncated singular value decomposition of a sample), so that it keeps
 * inner products best; `undefined` where there are too few vectors for it to pay.
 */
export function fitProjection(vectors: readonly Float32Array[], large = LARGE, dimensions = DIMENSIONS): Projection | undefined {
  const inputs = vectors[0]?.length ?? 0;
  if (vectors.length < large || inputs <= dimensions) return undefined;
  const step = Math.max(1, Math.floor(vectors.length / SAMPLE));
  const sample = vectors.filter((_, i) => i % step === 0);
  return { inputs, dimensions, directions: principalDirections(sample, new Float32Array(inputs), dimensions) };
}

export function project({ inputs, dimensions, directions }: Projection, vector: Float32Array): Float32Array {
  const out = new Float32Array(dimensions);
  for (let k = 0, at = 0; k < dimensions; k++) {
    let sum = 0;
    for (let j = 0; j < inputs; j++) sum += directions[at++]! * vector[j]!;
    out[k] = sum;
  }
  return out;
}

/** Writes it into the index's folder. */
export const writeProjection = ({ inputs, dimensions, directions }: Projection, folder: string): Promise<void> =>
  writeArrays(join(folder, FILE), 'projection', { inputs, dimensions }, { directions });

const metaSchema = z.object({ inputs: z.number().int().positive(), dimensions: z.number().int().positive() });

/** An index over projections that takes whole vectors. */
function projectedIndex(index: VectorIndex, projection: Projection): VectorIndex {
  /** A query is searched with and scored with, and often comes again. */
  const known = new WeakMap<Float32Array, Float32Array>();
  const projected = (query: Float32Array): Float32Array => {
    const there = known.get(query);
    if (there !== undefined) return there;
    const made = project(projection, query);
    known.set(query, made);
    return made;
  };
  return {
    dimensions: projection.inputs,
    search: (query, k, filter) => index.search(projected(query), k, filter),
    scores: (query, ids) => index.scores(projected(query), ids),
    upsert: (entries) => index.upsert(entries.map(({ id, vector }) => ({ id, vector: project(projection, vector) }))),
    remove: (ids) => index.remove(ids),
    size: () => index.size(),
    close: () => index.close(),
  };
}

/** An index that can hold vectors no longer than 1 in half the memory, from a call on. */
type Compactable = VectorIndex & { compact(): void };

/**
 * The index of a folder as one that takes the encoder's vectors, whatever it holds of them: their projections in 16 bits a number,
 * for training and serving alike.
 * @throws UserError naming the file that is cut off or foreign
 */
export async function openProjected(index: Compactable, folder: string): Promise<VectorIndex> {
  if (!existsSync(join(folder, FILE))) return index;
  const file = await readArrays(join(folder, FILE), 'projection');
  const meta = metaSchema.safeParse(file.meta);
  if (!meta.success) throw new UserError(`${file.path}: its header does not fit this version: ${z.prettifyError(meta.error)}`);
  const { inputs, dimensions } = meta.data;
  if (dimensions !== index.dimensions)
    throw new UserError(`${file.path}: gives ${dimensions} dimensions where the index beside it has ${index.dimensions}`);
  index.compact();
  return projectedIndex(index, { inputs, dimensions, directions: file.f32('directions', inputs * dimensions) });
}
