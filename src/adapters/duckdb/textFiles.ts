import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { suggestion } from '../../config/nearest.ts';
import { CsvReader, detectDelimiter } from '../../dataset/csv.ts';
import { NdjsonReader } from '../../dataset/ndjson.ts';
import { Utf8Lines } from '../../dataset/utf8.ts';
import { UserError } from '../../domain/errors.ts';
import type { TableBatch, TableRow, UnreadableRow } from '../../ports/tables.ts';

const BLOCK_BYTES = 1 << 20;

/** Blocks of whole lines, each with the share of the file read. `.gz` is unpacked on the way. */
async function* textBlocks(path: string): AsyncGenerator<{ text: string; last: boolean; read: number }> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const file = createReadStream('', { fd: handle, autoClose: false, highWaterMark: BLOCK_BYTES });
    const stream = path.endsWith('.gz') ? file.pipe(createGunzip({ chunkSize: BLOCK_BYTES })) : file;
    if (stream !== file) file.on('error', (error) => stream.destroy(error));
    const decoder = new Utf8Lines();
    let first = true;
    for await (const chunk of stream) {
      const bytes: Buffer = chunk;
      if (first && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))) {
        throw new UserError(`${path}: is UTF-16 text; expected UTF-8`);
      }
      first = false;
      yield { text: decoder.push(bytes), last: false, read: size === 0 ? 1 : Math.min(1, file.bytesRead / size) };
    }
    yield { text: decoder.push(Buffer.alloc(0), true), last: true, read: 1 };
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new UserError(`${path}: is not a whole gzip file (${error.message})`);
    }
    throw error;
  } finally {
    await handle.close();
  }
}

/** The first line, as the header; the file may begin with a byte order mark and blank lines. */
async function headerOf(path: string): Promise<string> {
  let text = '';
  for await (const block of textBlocks(path)) {
    text += block.text;
    const line = text
      .split('\n')
      .map((part) => part.replace(/\r$/, ''))
      .find((part) => part !== '');
    if (line !== undefined && (block.last || text.includes('\n'))) return line;
    if (text.length > 1 << 22) break;
  }
  throw new UserError(`${path}: is empty; expected a header line with the names of the columns`);
}

export async function csvColumns(path: string, wanted: readonly string[] = []): Promise<readonly string[]> {
  const header = await headerOf(path);
  const record = new CsvReader(detectDelimiter(header, wanted)).push(header, true)[0];
  if (record === undefined || !('fields' in record))
    throw new UserError(`${path}: line 1: the header ${record?.reason ?? 'is empty'}`);
  return record.fields;
}

export async function* readCsv(path: string, columns: readonly string[]): AsyncGenerator<TableBatch> {
  const header = await csvColumns(path, columns);
  const places = columns.map((column) => placeOf(path, header, column));
  const reader = new CsvReader(detectDelimiter(await headerOf(path), columns));
  let headerSeen = false;
  for await (const block of textBlocks(path)) {
    const rows: TableRow[] = [];
    const unreadable: UnreadableRow[] = [];
    for (const record of reader.push(block.text, block.last)) {
      if (!headerSeen) headerSeen = true;
      else if (!('fields' in record)) unreadable.push(record);
      else if (record.fields.length !== header.length) {
        const reason = `has ${record.fields.length} ${record.fields.length === 1 ? 'field' : 'fields'}, expected ${header.length} as in the header`;
        unreadable.push({ line: record.line, reason, text: record.fields.join(' | ').slice(0, 200) });
      } else rows.push({ line: record.line, cells: places.map((place) => record.fields[place]) });
    }
    yield { rows, unreadable, read: block.read };
  }
}

/** @throws UserError where no line is an object */
export async function ndjsonColumns(path: string): Promise<readonly string[]> {
  const names = new Set<string>();
  let bad: UnreadableRow | undefined;
  const reader = new NdjsonReader();
  let rows = 0;
  for await (const block of textBlocks(path)) {
    for (const record of reader.push(block.text, block.last)) {
      if (!('object' in record)) {
        bad ??= record;
        continue;
      }
      for (const name of Object.keys(record.object)) names.add(name);
      if (++rows >= 1000) return [...names];
    }
  }
  if (rows === 0 && bad !== undefined)
    throw new UserError(`${path}: line ${bad.line} ${bad.reason}; expected a JSON object a line`);
  return [...names];
}

/** A column is there if at least one row has it. @throws UserError after the last row where none has one of the columns */
export async function* readNdjson(path: string, columns: readonly string[]): AsyncGenerator<TableBatch> {
  const reader = new NdjsonReader();
  const missing = new Set(columns);
  let count = 0;
  for await (const block of textBlocks(path)) {
    const rows: TableRow[] = [];
    const unreadable: UnreadableRow[] = [];
    for (const record of reader.push(block.text, block.last)) {
      if (!('object' in record)) unreadable.push(record);
      else {
        const { object } = record;
        for (const column of missing) if (Object.hasOwn(object, column)) missing.delete(column);
        rows.push({
          line: record.line,
          cells: columns.map((column) => (Object.hasOwn(object, column) ? object[column] : undefined)),
        });
      }
    }
    count += rows.length;
    yield { rows, unreadable, read: block.read };
  }
  const [absent] = missing;
  if (count > 0 && absent !== undefined) placeOf(path, await ndjsonColumns(path), absent);
}

/** @throws UserError where the column is not there, or there twice */
export function placeOf(path: string, header: readonly string[], column: string): number {
  const place = header.indexOf(column);
  if (place < 0) {
    const hint = suggestion(column, header);
    throw new UserError(
      `${path}: there is no column "${column}"${hint}${hint === '' ? '; its columns are' : ' Its columns are'} ${header.join(', ')}`,
    );
  }
  if (header.lastIndexOf(column) !== place) throw new UserError(`${path}: the column "${column}" is there twice`);
  return place;
}
