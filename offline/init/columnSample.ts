import { parseTime } from '../../src/dataset/time.ts';
import { isMissing, parseNumber } from '../../src/dataset/values.ts';
import type { Cell, Tables } from '../../src/ports/tables.ts';

/** What the first rows of a file show of one column. */
export interface ColumnSample {
  readonly name: string;
  readonly rows: number;
  /** The cells that are not empty, as they are. */
  readonly cells: readonly Cell[];
  /** The same as texts; lists are apart. */
  readonly texts: readonly string[];
  readonly lists: readonly (readonly unknown[])[];
  readonly distinct: number;
  readonly numbers: readonly number[];
  /** Share of the texts that are numbers, and that are ISO 8601 dates. */
  readonly numeric: number;
  readonly dates: number;
}

const SAMPLE_ROWS = 5000;

/** Looks at the first rows of a file. @throws UserError as the tables do */
export async function sampleColumns(tables: Tables, source: string): Promise<readonly ColumnSample[]> {
  const names = [...new Set((await tables.columns(source)).filter((name) => name !== ''))];
  const cells: Cell[][] = names.map(() => []);
  let rows = 0;
  for await (const batch of tables.read(source, names)) {
    for (const row of batch.rows) {
      if (rows >= SAMPLE_ROWS) break;
      rows++;
      row.cells.forEach((cell, i) => {
        if (!isMissing(cell)) cells[i]?.push(cell);
      });
    }
    if (rows >= SAMPLE_ROWS) break;
  }
  return names.map((name, i) => describe(name, rows, cells[i] ?? []));
}

function describe(name: string, rows: number, cells: readonly Cell[]): ColumnSample {
  const lists = cells.filter((cell): cell is readonly [] => Array.isArray(cell));
  const texts = cells
    .filter((cell) => !Array.isArray(cell))
    .map((cell) => (typeof cell === 'string' ? cell : JSON.stringify(cell)));
  const numbers = texts.flatMap((text) => {
    const parsed = parseNumber(text);
    return 'value' in parsed ? [parsed.value] : [];
  });
  const dates = texts.filter((text) => 'value' in parseTime(text, 'iso') && !/^[+-]?\d+$/.test(text)).length;
  const count = Math.max(1, texts.length);
  return {
    name,
    rows,
    cells,
    texts,
    lists,
    distinct: new Set(texts).size,
    numbers,
    numeric: numbers.length / count,
    dates: dates / count,
  };
}
