import { expect, it } from 'vitest';
import { run } from './closedLoop.ts';

it('brings more of what people want after it has learned from its own lists', async () => {
  const { rows, checks = [] } = await run(['--people', '150', '--visits', '6']);
  expect(rows).toHaveLength(3);
  const clicks = checks.find(({ what }) => what.startsWith('clicks'));
  expect(clicks?.passed, String(clicks?.measured)).toBe(true);
}, 900_000);
