import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';

const FOLDER = 'docs/benchmarks';
const reportSchema = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
});

const files = (await readdir(FOLDER)).filter((name) => /^(quality|training|new-items)-.*\.json$/.test(name));
const page = await readFile('docs/quality.md', 'utf8');

/** The report's table as the page has to show it. */
function table({ columns, rows }: z.infer<typeof reportSchema>): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const shown = rows.map((row) => line(row.map((cell) => (cell === null ? '–' : String(cell)))));
  return [line(columns), line(columns.map(() => '---')), ...shown].join('\n');
}

it('the page shows every report as it was measured', async () => {
  const reports = await Promise.all(
    files.map(async (name) => reportSchema.parse(JSON.parse(await readFile(join(FOLDER, name), 'utf8')))),
  );
  expect(reports.length).toBeGreaterThan(0);
  for (const report of reports) expect(page).toContain(table(report));
});
