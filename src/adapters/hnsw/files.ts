import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { UserError } from '../../domain/errors.ts';
import { publishFile, writeFileAtomically } from '../../files/atomic.ts';
import { readWhole } from '../../files/read.ts';
import { bufferFor } from '../../kernels/pages.ts';
import type { IndexMeasures } from '../../ports/vectorIndex.ts';
import { type Filtering, IndexTable } from './indexTable.ts';

const NAMES = { header: 'index.json', vectors: 'vectors.f32', ids: 'ids.json', graph: 'graph.hnsw' } as const;

const headerSchema = z.object({
  format: z.literal('winnow-vectors-1'),
  kind: z.enum(['hnsw', 'exact']),
  dimensions: z.number().int().positive(),
  rows: z.number().int().nonnegative(),
  deleted: z.array(z.number().int().nonnegative()),
  recall: z.number(),
  k: z.number().int().positive(),
  parameters: z.record(z.string(), z.number()),
  /** SHA-256 of each file: the graph is read by native code, which trusts it. */
  files: z.record(z.string(), z.string()),
});

const idsSchema = z.array(z.string());

/** Writes vectors and ids, the graph through `writeGraph`, and at last the header that makes them valid. */
export async function saveIndex(
  folder: string,
  table: IndexTable,
  header: IndexMeasures,
  writeGraph?: (path: string) => Promise<void>,
): Promise<void> {
  const { vectors, dimensions, rows } = table;
  await writeFileAtomically(
    join(folder, NAMES.vectors),
    new Uint8Array(vectors.buffer, vectors.byteOffset, rows * dimensions * 4),
  );
  await writeFileAtomically(join(folder, NAMES.ids), Buffer.from(JSON.stringify(table.ids)));
  const names: string[] = [NAMES.vectors, NAMES.ids];
  if (writeGraph) {
    const path = join(folder, NAMES.graph);
    await writeGraph(`${path}.tmp`);
    await publishFile(`${path}.tmp`, path);
    names.push(NAMES.graph);
  }
  const files: Record<string, string> = {};
  for (const name of names) files[name] = await hashOf(join(folder, name));
  const deleted: number[] = [];
  for (let row = 0; row < rows; row++) if (!table.alive.has(row)) deleted.push(row);
  const json = { format: 'winnow-vectors-1', dimensions, rows, deleted, files, ...header };
  await writeFileAtomically(join(folder, NAMES.header), Buffer.from(JSON.stringify(json, null, 1)));
}

export interface LoadedIndex {
  readonly table: IndexTable;
  readonly header: IndexMeasures;
  readonly graphPath: string;
}

/** @throws UserError naming the file that is missing, cut off or foreign */
export async function loadIndex(folder: string, filtering: Filtering | undefined): Promise<LoadedIndex> {
  const header = await readJson(join(folder, NAMES.header), headerSchema);
  for (const [name, hash] of Object.entries(header.files)) {
    if (name === NAMES.vectors) continue;
    const path = join(folder, name);
    if ((await hashOf(path)) !== hash) throw damaged(path);
  }
  const vectors = await readVectors(join(folder, NAMES.vectors), header);
  const idsPath = join(folder, NAMES.ids);
  const ids = await readJson(idsPath, idsSchema);
  if (ids.length !== header.rows) throw new UserError(`${idsPath}: ${header.rows} ids expected, ${ids.length} found`);
  const table = new IndexTable(header.dimensions, filtering, { ids, vectors });
  if (table.rows !== header.rows) throw new UserError(`${idsPath}: an id is there twice`);
  for (const row of header.deleted) table.remove(ids[row] ?? '');
  return { table, header, graphPath: join(folder, NAMES.graph) };
}

/** The vectors, read to where they stay. */
async function readVectors(path: string, { rows, dimensions, files }: z.infer<typeof headerSchema>): Promise<Float32Array> {
  const vectors = new Float32Array(bufferFor(rows * dimensions * 4), 0, rows * dimensions);
  const hash = createHash('sha256');
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    throw new UserError(`${path}: missing or unreadable`, { cause: error });
  }
  try {
    const { size } = await file.stat();
    if (size !== vectors.byteLength)
      throw new UserError(`${path}: ${rows} vectors of ${dimensions} dimensions expected, ${size} bytes found`);
    await readWhole(file, new Uint8Array(vectors.buffer, 0, vectors.byteLength), 0, (part) => hash.update(part));
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== files[NAMES.vectors]) throw damaged(path);
  return vectors;
}

const damaged = (path: string): UserError => new UserError(`${path}: damaged or not the file that was written`);

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UserError(`${path}: missing or not JSON: not a vector index`, { cause: error });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new UserError(`${path}: not part of a vector index`);
  return parsed.data;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await stat(path);
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  } catch (error) {
    throw new UserError(`${path}: missing or unreadable`, { cause: error });
  }
  return hash.digest('hex');
}
