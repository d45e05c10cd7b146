import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../domain/errors.ts';
import { publishFile } from '../files/atomic.ts';
import { readWhole } from '../files/read.ts';

/**
 * Named typed arrays in one file: eight bytes of magic, the length of a JSON header, the header, then the arrays, each at a
 * multiple of eight. Little-endian, as every machine Node runs on is.
 */
const MAGIC = 'WNWARR01';
const KINDS = { f32: Float32Array, f64: Float64Array, i32: Int32Array } as const;
type Kind = keyof typeof KINDS;
export type StoredArray = Float32Array | Float64Array | Int32Array;

const headerSchema = z.object({
  content: z.string(),
  meta: z.unknown(),
  arrays: z.array(z.object({ name: z.string(), kind: z.enum(['f32', 'f64', 'i32']), length: z.number().int().nonnegative() })),
});

/** Writes to a temporary name, syncs, then renames: the file is whole or not there. `meta` must be JSON. */
export async function writeArrays(
  path: string,
  content: string,
  meta: unknown,
  arrays: Readonly<Record<string, StoredArray>>,
): Promise<void> {
  const entries = Object.entries(arrays);
  const header = Buffer.from(
    JSON.stringify({
      content,
      meta,
      arrays: entries.map(([name, array]) => ({ name, kind: kindOf(array), length: array.length })),
    }),
  );
  const start = Buffer.alloc(12);
  start.write(MAGIC, 'latin1');
  start.writeUInt32LE(header.length, 8);
  const file = await open(`${path}.tmp`, 'w');
  try {
    await file.writeFile(Buffer.concat([start, header, Buffer.alloc(padding(12 + header.length))]));
    for (const [, array] of entries) {
      await file.writeFile(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      await file.writeFile(Buffer.alloc(padding(array.byteLength)));
    }
  } finally {
    await file.close();
  }
  await publishFile(`${path}.tmp`, path);
}

/** @throws UserError naming the file where it is missing, truncated, or not the content that was expected */
export async function readArrays(path: string, content: string): Promise<ArrayFile> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    throw new UserError(`${path}: cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  try {
    return await readOpened(file, path, content);
  } finally {
    await file.close();
  }
}

/** Each array is read to where it stays: a copy of the whole file would be as large as all of them. */
async function readOpened(file: FileHandle, path: string, content: string): Promise<ArrayFile> {
  const { size } = await file.stat();
  const start = Buffer.alloc(Math.min(12, size));
  await file.read(start, 0, start.length, 0);
  if (size < 12 || start.toString('latin1', 0, 8) !== MAGIC) throw new UserError(`${path}: not a file of arrays of this program`);
  const headerBytes = Buffer.alloc(Math.min(start.readUInt32LE(8), size - 12));
  await file.read(headerBytes, 0, headerBytes.length, 12);
  const header = parseHeader(headerBytes, path);
  if (header.content !== content) throw new UserError(`${path}: holds "${header.content}" where "${content}" was expected`);
  let at = 12 + headerBytes.length + padding(12 + headerBytes.length);
  const arrays = new Map<string, StoredArray>();
  for (const { name, kind, length } of header.arrays) {
    const byteLength = length * KINDS[kind].BYTES_PER_ELEMENT;
    if (at + byteLength > size)
      throw new UserError(`${path}: truncated: "${name}" should end at byte ${at + byteLength} of ${size}`);
    const bytes = new Uint8Array(byteLength);
    await readWhole(file, bytes, at);
    arrays.set(name, new KINDS[kind](bytes.buffer));
    at += byteLength + padding(byteLength);
  }
  if (at !== size) throw new UserError(`${path}: has ${size} bytes where ${at} were expected`);
  return new ArrayFile(path, header.meta, arrays);
}

/** What was read, with every access checked. */
export class ArrayFile {
  readonly path: string;
  readonly meta: unknown;
  readonly #arrays: ReadonlyMap<string, StoredArray>;

  constructor(path: string, meta: unknown, arrays: ReadonlyMap<string, StoredArray>) {
    this.path = path;
    this.meta = meta;
    this.#arrays = arrays;
  }

  f32(name: string, length?: number): Float32Array {
    const array = this.#get(name, length);
    if (!(array instanceof Float32Array)) throw new UserError(`${this.path}: "${name}" is not 32-bit floats`);
    return array;
  }

  f64(name: string, length?: number): Float64Array {
    const array = this.#get(name, length);
    if (!(array instanceof Float64Array)) throw new UserError(`${this.path}: "${name}" is not 64-bit floats`);
    return array;
  }

  i32(name: string, length?: number): Int32Array {
    const array = this.#get(name, length);
    if (!(array instanceof Int32Array)) throw new UserError(`${this.path}: "${name}" is not 32-bit integers`);
    return array;
  }

  #get(name: string, length: number | undefined): StoredArray {
    const array = this.#arrays.get(name);
    if (array === undefined) throw new UserError(`${this.path}: has no array "${name}"`);
    if (length !== undefined && array.length !== length) {
      throw new UserError(`${this.path}: "${name}" has ${array.length} numbers where ${length} were expected`);
    }
    return array;
  }
}

/** What a file says of its arrays. @throws UserError naming the file where it is not what this version writes */
export function parseMeta<T>(schema: z.ZodType<T>, file: ArrayFile): T {
  const parsed = schema.safeParse(file.meta);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError(`${file.path}: its header does not fit this version (${issue?.path.join('.')}: ${issue?.message})`);
  }
  return parsed.data;
}

function parseHeader(bytes: Buffer, path: string): z.infer<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw new UserError(`${path}: its header is damaged`, { cause: error });
  }
}

function kindOf(array: StoredArray): Kind {
  if (array instanceof Float32Array) return 'f32';
  return array instanceof Float64Array ? 'f64' : 'i32';
}

const padding = (bytes: number): number => (8 - (bytes % 8)) % 8;
