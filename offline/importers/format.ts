import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { isErrno } from '../../src/domain/errno.ts';
import { UserError } from '../../src/domain/errors.ts';

/** A public data set's own form, brought into items.csv, users.csv and events.csv. */
export interface Format {
  readonly name: string;
  /** What `--from` must be. */
  readonly expects: string;
  /** Writes the tables into `to`. @returns the settings that fit them, as a `winnow.yaml`. @throws UserError naming file and line */
  convert(from: string, to: string): Promise<Converted>;
}

export interface Converted {
  readonly config: string;
  readonly items: number;
  readonly events: number;
}

/**
 * Lines of a text file with their numbers, blank ones left out; a byte order mark and the line ends are no part of them.
 * @param otherwise what a line is in that is not valid UTF-8: an error, or Latin-1
 * @throws UserError naming the line
 */
export async function* lines(
  path: string,
  otherwise: 'error' | 'latin1' = 'error',
): AsyncGenerator<{ text: string; number: number }> {
  await stat(path).catch((error: unknown) => {
    throw isErrno(error, 'ENOENT', 'ENOTDIR') ? new UserError(`${path}: there is no such file`) : error;
  });
  let number = 0;
  // One character a byte, so that what is no UTF-8 is still there to be told.
  const input = createReadStream(path, { encoding: 'latin1' });
  for await (const bytes of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    let text = bytes;
    if (NOT_ASCII.test(bytes)) {
      const raw = Buffer.from(bytes, 'latin1');
      if (isUtf8(raw)) text = raw.toString('utf8').replace(number === 1 ? /^\ufeff/ : '', '');
      else if (otherwise === 'error') throw new UserError(`${path}:${number}: is not valid UTF-8`);
    }
    if (text.trim() !== '') yield { text, number };
  }
}

const NOT_ASCII = /[\x80-\xff]/;

/** A line cut at the separator. @throws UserError where it has another number of parts */
export function split(
  { text, number }: { text: string; number: number },
  separator: string,
  parts: number,
  path: string,
): string[] {
  const fields = text.split(separator);
  if (fields.length === parts) return fields;
  throw new UserError(`${path}:${number}: expected ${parts} parts separated by "${separator}", found ${fields.length}`);
}

/** "Toy Story (1995)" names its year. */
export const yearOf = (title: string): string => /\((\d{4})\)\s*$/.exec(title)?.[1] ?? '';
