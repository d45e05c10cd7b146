import { expect, test } from 'vitest';
import { interactionsBuilder } from './interactions.ts';
import { buildPopularity } from './popularity.ts';

test('counts what was wanted, and tells the rising from the fallen', () => {
  const builder = interactionsBuilder({ click: 1, hide: -1 });
  for (let i = 0; i < 100; i++) {
    builder.add({ actor: `user:${i}`, item: 0, time: i, type: 'click' });
    builder.add({ actor: `user:${i}`, item: i < 50 ? 1 : 2, time: i, type: 'click' });
    if (i >= 97) for (let n = 0; n < 5; n++) builder.add({ actor: `user:${i}`, item: 3, time: i, type: 'click' });
    builder.add({ actor: `user:${i}`, item: 4, time: i, type: 'hide' });
  }
  const table = buildPopularity(builder.finish(6));
  expect([...table.counts]).toEqual([100, 50, 50, 15, 0, 0]);
  expect(table.decayed[2]!).toBeGreaterThan(table.decayed[1]!);
  expect([...table.byPopularity]).not.toContain(4);
  expect([...table.byPopularity]).toEqual([0, 2, 3, 1]);
  expect(table.byTrend[0]).toBe(3);
  expect(table.trend[1]!).toBeLessThan(1);
});

test('knows nothing of an empty log', () => {
  const table = buildPopularity(interactionsBuilder({ click: 1 }).finish(3));
  expect([...table.counts]).toEqual([0, 0, 0]);
  expect([...table.trend]).toEqual([1, 1, 1]);
  expect(table.byPopularity).toHaveLength(0);
});
