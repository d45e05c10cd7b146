import { expect, it } from 'vitest';
import { run } from './closedLoop.ts';

it('orders what people want better after it has learned from its own lists', async () => {
  const { rows, checks = [] } = await run([]);
  expect(rows).toHaveLength(3);
  const order = checks.find(({ what }) => what.startsWith('NDCG@10'));
  expect(order?.passed, String(order?.measured)).toBe(true);
}, 900_000);
