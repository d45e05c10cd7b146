import { isUtf8 } from 'node:buffer';
import { INVALID_UTF8 } from './csv.ts';

const LF = 10;

/**
 * Decodes UTF-8 line by line where a line is wrong, block by block where none is: a line with invalid bytes ends with
 * `INVALID_UTF8`, and no other line suffers. The byte order mark at the beginning is dropped.
 */
export class Utf8Lines {
  #rest: Buffer = Buffer.alloc(0);
  #first = true;

  /** The text up to the last line end of what has come, or all of it with `last`. */
  push(chunk: Buffer, last = false): string {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#first && (bytes.length >= 3 || last)) {
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
      this.#first = false;
    }
    // A line longer than a block is handed on in pieces, cut between characters.
    const cut = last ? bytes.length : Math.max(bytes.lastIndexOf(LF) + 1, bytes.length > 1 << 22 ? characterStart(bytes) : 0);
    this.#rest = bytes.subarray(cut);
    const block = bytes.subarray(0, cut);
    return isUtf8(block) ? block.toString('utf8') : decodeMarking(block);
  }
}

/** Start of the last character, which may be incomplete. */
function characterStart(bytes: Buffer): number {
  let at = bytes.length - 1;
  while (at > bytes.length - 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}

function decodeMarking(block: Buffer): string {
  const parts: string[] = [];
  for (let start = 0; start < block.length; ) {
    const newline = block.indexOf(LF, start);
    const end = newline < 0 ? block.length : newline;
    const line = block.subarray(start, end);
    parts.push(line.toString('utf8'));
    if (!isUtf8(line)) parts.push(INVALID_UTF8);
    if (newline >= 0) parts.push('\n');
    start = end + 1;
  }
  return parts.join('');
}
