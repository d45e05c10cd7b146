import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../src/domain/errors.ts';
import type { Cell, UnreadableRow } from '../../src/ports/tables.ts';

/** Rows beyond this many are counted, but not set aside one by one. */
const MAX_WRITTEN = 100_000;

export interface BadRow {
  readonly line: number;
  readonly reason: string;
  /** What stands there. */
  readonly row: string | readonly Cell[];
}

/** A row that could not even be read, as a bad one. */
export const unreadable = ({ line, reason, text }: UnreadableRow): BadRow => ({ line, reason, row: text });

/**
 * The bad rows of one source, set aside in `<folder>/<name>.ndjson` with file, line, reason and what stands there. The file
 * of an earlier import is replaced when this one is finished.
 */
export class Rejects {
  readonly #source: string;
  readonly #folder: string;
  readonly #name: string;
  readonly #maxShare: number;
  #stream: WriteStream | undefined;
  #first: string | undefined;
  count = 0;

  constructor(source: string, folder: string, name: string, maxShare: number) {
    this.#source = source;
    this.#folder = folder;
    this.#name = name;
    this.#maxShare = maxShare;
  }

  get path(): string {
    return join(this.#folder, `${this.#name}.ndjson`);
  }

  /** Takes the bad rows of one batch, in any order. */
  async addAll(rows: readonly BadRow[]): Promise<void> {
    for (const row of [...rows].sort((a, b) => a.line - b.line)) await this.#add(row);
  }

  async #add({ line, reason, row }: BadRow): Promise<void> {
    this.count++;
    this.#first ??= `line ${line}: ${reason}`;
    if (this.count > MAX_WRITTEN) return;
    if (this.#stream === undefined) {
      await mkdir(this.#folder, { recursive: true });
      this.#stream = createWriteStream(`${this.path}.partial`, { flush: true });
    }
    const text = `${JSON.stringify({ file: this.#source, line, reason, row: typeof row === 'string' ? row : row.map((cell) => cell ?? null) })}\n`;
    if (!this.#stream.write(text)) await once(this.#stream, 'drain');
  }

  /**
   * Puts the file in its place.
   * @param rows how many rows the source has, bad ones included
   * @throws UserError where more are bad than may be
   */
  async finish(rows: number): Promise<void> {
    if (this.#stream === undefined) {
      await rm(this.path, { force: true });
      return;
    }
    const stream = this.#stream;
    await new Promise<void>((resolve, reject) => {
      stream.on('error', reject);
      stream.end(resolve);
    });
    await rename(`${this.path}.partial`, this.path);
    if (this.count <= rows * this.#maxShare) return;
    const share = (part: number) => `${Number((part * 100).toPrecision(2))} %`;
    throw new UserError(
      `${this.#source}: ${this.count} of ${rows} rows are bad (${share(this.count / rows)}), more than dataset.maxRejects allows ` +
        `(${share(this.#maxShare)}); the first is ${basename(this.#source)} ${this.#first}; all are in ${this.path}`,
    );
  }

  /** Leaves nothing behind of an import that did not come to its end. */
  async abandon(): Promise<void> {
    this.#stream?.destroy();
    await rm(`${this.path}.partial`, { force: true });
  }
}
