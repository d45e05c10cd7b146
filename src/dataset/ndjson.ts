import { z } from 'zod';
import { isRecord, type JsonValue } from '../domain/json.ts';
import { INVALID_UTF8 } from './csv.ts';

/** A line of an NDJSON file: an object, or what is wrong with it. */
export type NdjsonRecord =
  | { readonly line: number; readonly object: Readonly<Record<string, JsonValue>> }
  | { readonly line: number; readonly reason: string; readonly text: string };

const MAX_LINE = 1 << 24;

const objectSchema = z.custom<Readonly<Record<string, JsonValue>>>(isRecord);

/** Reads NDJSON from blocks of text that may end anywhere. Blank lines are skipped. */
export class NdjsonReader {
  #rest = '';
  #line = 0;
  #overlong = false;

  push(block: string, last = false): NdjsonRecord[] {
    const buffer = this.#rest + block;
    const records: NdjsonRecord[] = [];
    let start = 0;
    for (;;) {
      const newline = buffer.indexOf('\n', start);
      if (newline < 0 && !last) break;
      const end = newline < 0 ? buffer.length : newline;
      if (start >= buffer.length && newline < 0) break;
      this.#line++;
      const text = buffer.slice(start, end).trim();
      if (this.#overlong) this.#overlong = false;
      else if (text !== '') records.push(parseLine(text, this.#line));
      start = end + 1;
    }
    this.#rest = buffer.slice(start);
    if (this.#rest.length > MAX_LINE) {
      if (!this.#overlong) records.push({ line: this.#line + 1, reason: 'is longer than 16 MB', text: this.#rest.slice(0, 200) });
      this.#overlong = true;
      this.#rest = '';
    }
    return records;
  }
}

function parseLine(text: string, line: number): NdjsonRecord {
  const bad = (reason: string): NdjsonRecord => ({ line, reason, text: text.slice(0, 200) });
  if (text.includes(INVALID_UTF8)) return bad('is not valid UTF-8');
  try {
    const parsed = objectSchema.safeParse(JSON.parse(keepLongNumbers(text)));
    return parsed.success ? { line, object: parsed.data } : bad('is not a JSON object');
  } catch (error) {
    return bad(`is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Ids are often numbers too long for a double; as strings they stay what they are. */
function keepLongNumbers(text: string): string {
  if (!/\d{16}/.test(text)) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`,
  );
}
