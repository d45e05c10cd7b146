import type { Metrics } from '../../src/metrics/metrics.ts';
import type { EventLog } from '../../src/ports/eventLog.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';
import { pipelineStatus } from '../events/status.ts';

/** Brings the gauges of topics, lag and feature time up to date; while log or store is away they keep what they had. */
export async function measurePipeline(parts: { log: EventLog; store: FeatureStore; metrics: Metrics }): Promise<void> {
  const { metrics } = parts;
  const status = await pipelineStatus(parts).catch(() => undefined);
  if (status === undefined) return;
  for (const { topic, records } of status.topics) metrics.topicRecords.set({ topic }, records);
  for (const { topic, group, lag } of status.groups) metrics.consumerLag.set({ topic, group }, lag);
  if (status.featureTime !== null) metrics.featureTime.set(status.featureTime / 1000);
}
