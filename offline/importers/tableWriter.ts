import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';

export type Value = string | number | undefined;

/** Writes a CSV file of any size; it has its name only once it is whole. */
export class TableWriter {
  readonly #path: string;
  readonly #stream: WriteStream;
  #pending: string[] = [];
  rows = 0;

  constructor(path: string, columns: readonly string[]) {
    this.#path = path;
    this.#stream = createWriteStream(`${path}.partial`);
    this.#pending.push(line(columns));
  }

  async write(row: readonly Value[]): Promise<void> {
    this.rows++;
    this.#pending.push(line(row));
    if (this.#pending.length >= 1000) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    this.#stream.end();
    await once(this.#stream, 'close');
    await rename(`${this.#path}.partial`, this.#path);
  }

  async abandon(): Promise<void> {
    this.#stream.destroy();
    await rm(`${this.#path}.partial`, { force: true });
  }

  async #flush(): Promise<void> {
    const text = this.#pending.join('');
    this.#pending = [];
    if (!this.#stream.write(text)) await once(this.#stream, 'drain');
  }
}

const line = (row: readonly Value[]): string => `${row.map(field).join(',')}\n`;

function field(value: Value): string {
  const text = value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Runs the work on a writer; its file appears when the work is done, and not at all when it fails. */
export async function writeTable(
  path: string,
  columns: readonly string[],
  work: (table: TableWriter) => Promise<void>,
): Promise<number> {
  const table = new TableWriter(path, columns);
  try {
    await work(table);
    await table.finish();
    return table.rows;
  } catch (error) {
    await table.abandon();
    throw error;
  }
}
