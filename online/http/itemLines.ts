import { z } from 'zod';
import { UserError } from '../../src/domain/errors.ts';
import type { Item } from '../../src/domain/item.ts';
import type { Items, Visibility } from '../items.ts';
import { MAX_JSON_DEPTH, nestsDeeperThan } from './depth.ts';
import { fieldsBody, fieldsOf } from './fieldsBody.ts';
import { id } from './parameters.ts';
import { validate } from './validate.ts';

const BATCH = 500;
const MAX_LINE_BYTES = 1_048_576;
const MAX_ERRORS = 1000;
const NEWLINE = 0x0a;

interface BatchReport {
  readonly accepted: number;
  readonly rejected: number;
  readonly visibility: Visibility;
  readonly errors: readonly { readonly line: number; readonly message: string }[];
}

/** Puts a stream of items, in bounded memory whatever its length. A wrong line is told and costs only itself. */
export async function readItemLines(stream: NodeJS.ReadableStream, items: Items): Promise<BatchReport> {
  const errors: { line: number; message: string }[] = [];
  let accepted = 0;
  let rejected = 0;
  let batch: Item[] = [];
  const flush = async () => {
    if (batch.length > 0) await items.putMany(batch);
    accepted += batch.length;
    batch = [];
  };
  for await (const { line, bytes } of splitLines(stream)) {
    try {
      batch.push(parseLine(bytes, items));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      rejected++;
      if (errors.length < MAX_ERRORS) errors.push({ line, message: error.message });
    }
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  return { accepted, rejected, visibility: await items.settle(), errors };
}

const lineSchema = z.looseObject({ id });

function parseLine(bytes: Buffer | undefined, items: Items): Item {
  if (bytes === undefined) throw new UserError(`longer than ${MAX_LINE_BYTES} bytes`);
  if (nestsDeeperThan(bytes, MAX_JSON_DEPTH)) throw new UserError(`nests deeper than ${MAX_JSON_DEPTH} levels`);
  const { id } = validate(lineSchema, parseJson(bytes), 'item');
  const body = validate(fieldsBody, parseJson(bytes), 'item');
  return items.check(id, fieldsOf(body, id));
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new UserError(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Lines without their ends, counted from 1, blank ones left out; `undefined` for one that is too long to keep. */
async function* splitLines(stream: NodeJS.ReadableStream): AsyncGenerator<{ line: number; bytes: Buffer | undefined }> {
  let line = 1;
  let parts: Buffer[] = [];
  let size = 0;
  const take = (): Buffer | undefined => {
    const bytes = size > MAX_LINE_BYTES ? undefined : Buffer.concat(parts);
    parts = [];
    size = 0;
    return bytes;
  };
  const add = (part: Buffer) => {
    size += part.length;
    if (size <= MAX_LINE_BYTES) parts.push(part);
  };
  for await (const piece of stream) {
    const chunk = Buffer.from(piece);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      add(chunk.subarray(start, end));
      const bytes = take();
      if (bytes === undefined || bytes.toString('latin1').trim() !== '') yield { line, bytes };
      line++;
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  const bytes = take();
  if (bytes === undefined || bytes.toString('latin1').trim() !== '') yield { line, bytes };
}
