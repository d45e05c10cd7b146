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

/** Lines of a text file with their numbers, blank ones left out. */
export async function* lines(
  path: string,
  encoding: 'utf8' | 'latin1' = 'utf8',
): AsyncGenerator<{ text: string; number: number }> {
  await stat(path).catch((error: unknown) => {
    throw isErrno(error, 'ENOENT', 'ENOTDIR') ? new UserError(`${path}: there is no such file`) : error;
  });
  let number = 0;
  const input = createReadStream(path, { encoding });
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (text.trim() !== '') yield { text, number };
  }
}

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
