import { expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

it('keeps the metrics of two services in one process apart', async () => {
  const first = createMetrics({ defaults: false });
  const second = createMetrics({ defaults: false });
  first.degraded.inc({ route: 'recommend', stage: 'ranker' });
  expect(await first.registry.metrics()).toContain('winnow_degraded_total{route="recommend",stage="ranker"} 1');
  expect(await second.registry.metrics()).not.toContain('stage="ranker"');
});
