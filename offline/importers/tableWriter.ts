import { type FileHandle, open } from 'node:fs/promises';

export type Value = string | number | undefined;

/** Rows of one flush. */
const BATCH = 1000;

/** Writes a CSV file of any size. */
export class TableWriter {
  readonly #file: FileHandle;
  #pending: string[] = [];
  rows = 0;

  constructor(file: FileHandle, columns: readonly string[]) {
    this.#file = file;
    this.#pending.push(line(columns));
  }

  async write(row: readonly Value[]): Promise<void> {
    this.rows++;
    this.#pending.push(line(row));
    if (this.#pending.length >= BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#pending.join('');
    this.#pending = [];
    await this.#file.appendFile(text);
  }
}

const line = (row: readonly Value[]): string => `${row.map(field).join(',')}\n`;

function field(value: Value): string {
  const text = value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Runs the work on a writer of a new file. @returns how many rows it wrote */
export async function writeTable(
  path: string,
  columns: readonly string[],
  work: (table: TableWriter) => Promise<void>,
): Promise<number> {
  const file = await open(path, 'w');
  try {
    const table = new TableWriter(file, columns);
    await work(table);
    await table.flush();
    return table.rows;
  } finally {
    await file.close();
  }
}
