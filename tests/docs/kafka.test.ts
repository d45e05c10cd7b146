import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';

const reportSchema = z.object({ rows: z.array(z.array(z.union([z.string(), z.number()]))) });

it('docs/kafka.md has the figures of its benchmark, and no others', async () => {
  const text = await readFile('docs/kafka.md', 'utf8');
  const { rows } = reportSchema.parse(JSON.parse(await readFile('docs/benchmarks/kafka.json', 'utf8')));
  const told = text
    .slice(text.indexOf('## What it costs'))
    .split('\n')
    .filter((line) => /^\| .* \| (1|all) \| /.test(line));
  expect(told).toEqual(rows.map((row) => `| ${row.join(' | ')} |`));
});
