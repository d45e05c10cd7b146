import { expect, it } from 'vitest';
import { run } from './policyLeak.ts';

const requests = process.env['WINNOW_TEST_FULL'] === '1' ? 20_000 : 600;

it(`nothing that a policy forbids is answered in ${requests} random requests`, { timeout: 600_000 }, async () => {
  const { checks, notes, rows } = await run(['--requests', String(requests), '--seed', '2']);
  expect(notes).toEqual([]);
  expect(checks?.every(({ passed }) => passed)).toBe(true);
  const figures = new Map(rows.map(([name, value]) => [name, Number(value)]));
  // The test is about lists that hold something, some of them with parts away and the catalogue changing.
  for (const name of ['items', 'degraded', 'ranked', 'pages', 'updates'])
    expect(figures.get(name), name).toBeGreaterThan(requests / 20);
  // Plans go wrong in a few batches only.
  expect(figures.get('catches'), 'catches').toBeGreaterThan(0);
});
