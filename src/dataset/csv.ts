/** A record of a CSV file, or what is wrong with it. `line` is where it begins, from 1. */
export type CsvRecord =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly reason: string; readonly text: string };

/** Stands in decoded text where bytes were not UTF-8. No valid UTF-8 decodes to two second halves of surrogate pairs in a row. */
export const INVALID_UTF8 = '\udc80\udc80';

/** A record longer than this is taken for one whose quote was never closed. */
const MAX_RECORD = 1 << 20;

/**
 * Reads CSV (RFC 4180) from blocks of text that may end anywhere. Quotes are special only around a whole field; line ends
 * are LF or CRLF; blank lines are skipped. A malformed record costs its own first line and nothing after it.
 */
export class CsvReader {
  readonly #delimiter: string;
  #rest = '';
  #line = 1;
  #overlong = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** The records that are complete after this block; with `last`, all that is left. */
  push(block: string, last = false): CsvRecord[] {
    const buffer = this.#rest + block;
    const records: CsvRecord[] = [];
    let start = 0;
    while (start < buffer.length) {
      const newline = buffer.indexOf('\n', start);
      if (newline < 0 && !last) {
        if (buffer.length - start <= MAX_RECORD && !this.#overlong) break;
        if (!this.#overlong) records.push(this.#bad('is longer than 1 MB', buffer.slice(start, start + 200)));
        this.#overlong = true;
        start = buffer.length;
        break;
      }
      const end = newline < 0 ? buffer.length : newline;
      if (this.#overlong) {
        this.#overlong = false;
        this.#line++;
        start = end + 1;
        continue;
      }
      const text = buffer.slice(start, end > start && buffer.charCodeAt(end - 1) === CR ? end - 1 : end);
      if (text === '') {
        // A blank line is nothing.
      } else if (text.length > MAX_RECORD) records.push(this.#bad('is longer than 1 MB', text));
      else if (text.includes(INVALID_UTF8)) records.push(this.#bad('is not valid UTF-8', text));
      else if (!text.includes('"')) records.push({ line: this.#line, fields: text.split(this.#delimiter) });
      else {
        const quoted = parseQuoted(buffer, start, this.#delimiter, last);
        if (quoted === undefined && !last && buffer.length - start <= MAX_RECORD) break;
        if (quoted === undefined) records.push(this.#bad('has a quote that is not closed', text));
        else if ('reason' in quoted) records.push(this.#bad(quoted.reason, text));
        else {
          const invalid = quoted.lines > 1 && buffer.slice(start, quoted.next).includes(INVALID_UTF8);
          records.push(invalid ? this.#bad('is not valid UTF-8', text) : { line: this.#line, fields: quoted.fields });
          this.#line += quoted.lines;
          start = quoted.next;
          continue;
        }
      }
      this.#line++;
      start = end + 1;
    }
    this.#rest = buffer.slice(start);
    return records;
  }

  #bad(reason: string, text: string): CsvRecord {
    return { line: this.#line, reason, text: text.slice(0, 200) };
  }
}

const LF = 10;
const CR = 13;
const QUOTE = 34;

type Quoted = { fields: string[]; next: number; lines: number } | { reason: string };

/** One record with quotes in it; `undefined` where the text ends before the record does. */
function parseQuoted(text: string, start: number, delimiter: string, last: boolean): Quoted | undefined {
  const fields: string[] = [];
  let at = start;
  let lines = 1;
  for (;;) {
    if (text.charCodeAt(at) === QUOTE) {
      let field = '';
      at++;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0) return undefined;
        field += text.slice(at, quote);
        at = quote + 1;
        if (text.charCodeAt(at) !== QUOTE) break;
        field += '"';
        at++;
      }
      for (let i = field.indexOf('\n'); i >= 0; i = field.indexOf('\n', i + 1)) lines++;
      fields.push(field);
    } else {
      const newline = text.indexOf('\n', at);
      const lineEnd = newline < 0 ? text.length : newline;
      const stop = text.indexOf(delimiter, at);
      const bare = lineEnd > at && text.charCodeAt(lineEnd - 1) === CR ? lineEnd - 1 : lineEnd;
      const end = stop >= 0 && stop < bare ? stop : bare;
      fields.push(text.slice(at, end));
      at = end;
    }
    if (text.startsWith(delimiter, at)) {
      at += delimiter.length;
      continue;
    }
    if (text.charCodeAt(at) === CR && (at + 1 >= text.length || text.charCodeAt(at + 1) === LF)) at++;
    if (at >= text.length) return last ? { fields, next: at, lines } : undefined;
    return text.charCodeAt(at) === LF ? { fields, next: at + 1, lines } : { reason: 'has text after a closing quote' };
  }
}

/**
 * What separates the fields, judged by the header: of comma, semicolon, tab and bar the one with which it has most of the
 * columns asked for, else most columns.
 */
export function detectDelimiter(header: string, wanted: readonly string[] = []): string {
  let best = ',';
  let bestScore = -1;
  for (const delimiter of [',', ';', '\t', '|']) {
    const record = new CsvReader(delimiter).push(header, true)[0];
    if (record === undefined || !('fields' in record)) continue;
    const score = wanted.filter((column) => record.fields.includes(column)).length * 1000 + record.fields.length;
    if (score > bestScore) {
      best = delimiter;
      bestScore = score;
    }
  }
  return best;
}
