import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { UserError } from '../domain/errors.ts';
import type { Fields, FieldValue, Item } from '../domain/item.ts';
import { isRecord } from '../domain/json.ts';
import { publishFile, writeFileAtomically } from '../files/atomic.ts';

const ITEMS_FILE = 'items.ndjson';
const HEADER_FILE = 'items.json';

const headerSchema = z.object({
  format: z.literal('winnow-items-1'),
  count: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  sha256: z.string(),
});

/** How many items are turned into one piece of text at a time. */
const BATCH = 1_000;

/**
 * Writes items as they come, one JSON line each, and then the header that makes the snapshot valid. Interrupted, it leaves
 * no header.
 * @param folder an existing folder
 */
export async function writeSnapshot(folder: string, items: Iterable<Item>): Promise<{ count: number }> {
  const path = join(folder, ITEMS_FILE);
  const hash = createHash('sha256');
  let count = 0;
  let bytes = 0;
  const lines = function* (): Generator<Buffer> {
    let batch: string[] = [];
    const flush = (): Buffer => {
      const chunk = Buffer.from(batch.join(''), 'utf8');
      batch = [];
      hash.update(chunk);
      bytes += chunk.length;
      return chunk;
    };
    for (const item of items) {
      batch.push(`${JSON.stringify([item.id, item.fields])}\n`);
      count++;
      if (batch.length === BATCH) yield flush();
    }
    if (batch.length > 0) yield flush();
  };
  await pipeline(Readable.from(lines(), { objectMode: true }), createWriteStream(`${path}.tmp`));
  await publishFile(`${path}.tmp`, path);
  const header = { format: 'winnow-items-1', count, bytes, sha256: hash.digest('hex') };
  await writeFileAtomically(join(folder, HEADER_FILE), JSON.stringify(header));
  return { count };
}

/**
 * The items of a snapshot in their order, streamed.
 * @throws UserError naming the file when it is missing, cut off, or not what was written
 */
export async function* readSnapshot(folder: string): AsyncGenerator<Item> {
  const header = await readHeader(folder);
  const path = join(folder, ITEMS_FILE);
  const hash = createHash('sha256');
  let count = 0;
  try {
    for await (const line of lines(path, hash)) {
      count++;
      yield parseLine(line, path, count);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (count !== header.count || hash.digest('hex') !== header.sha256)
    throw new UserError(`${path}: damaged or incomplete: ${header.count} items were written, ${count} are there`);
}

/** Lines of a file, split at line feeds alone: other separators may stand inside JSON strings. */
async function* lines(path: string, hash: Hash): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    if (!Buffer.isBuffer(chunk)) throw new UserError(`${path}: not read as bytes`);
    hash.update(chunk);
    const buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = buffer.indexOf(10, start); end !== -1; end = buffer.indexOf(10, start)) {
      yield buffer.toString('utf8', start, end);
      start = end + 1;
    }
    rest = buffer.subarray(start);
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

/** The snapshot as an array, for a catalogue. */
export async function loadSnapshot(folder: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of readSnapshot(folder)) items.push(item);
  return items;
}

async function readHeader(folder: string): Promise<z.infer<typeof headerSchema>> {
  const path = join(folder, HEADER_FILE);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UserError(`${path}: missing or not JSON: not an item snapshot`, { cause: error });
  }
  const header = headerSchema.safeParse(json);
  if (!header.success) throw new UserError(`${path}: not the header of an item snapshot`);
  return header.data;
}

/** Checked by hand: a schema library over a million lines takes longer than reading them. */
function parseLine(line: string, path: string, number: number): Item {
  const bad = (): never => {
    throw new UserError(`${path}:${number}: damaged: not an item`);
  };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return bad();
  }
  if (!Array.isArray(value) || value.length !== 2) return bad();
  const [id, raw]: unknown[] = value;
  return typeof id === 'string' && isFields(raw) ? { id, fields: raw } : bad();
}

const isFields = (value: unknown): value is Fields => isRecord(value) && Object.values(value).every(isFieldValue);

function isFieldValue(value: unknown): value is FieldValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return true;
    default:
      return Array.isArray(value) && value.every((part) => typeof part === 'string');
  }
}
