import { expect, test } from 'vitest';
import { crashTest } from './crash.ts';

test('a dozen kills of collector, enricher and updater under load lose nothing and count nothing twice', {
  timeout: 360_000,
}, async () => {
  const report = await crashTest({ kills: 12, seed: 7 });
  expect(report).toMatchObject({ lost: [], doubled: [], miscounted: [] });
  expect(report.acknowledged).toBeGreaterThan(100);
  expect(report.enriched).toBeGreaterThan(100);
  expect(report.diverted).toBeGreaterThan(0);
});
