import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds: fine below 10 ms, where stages live. */
const STAGE_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * Every metric of a process, named here once. Durations are in seconds, ages too. Of several workers counts are summed, and of
 * what each of them says of the same thing (`aggregator`) the highest stands.
 */
export function createMetrics(options: { defaults?: boolean } = {}) {
  const registry = new Registry();
  if (options.defaults !== false) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    stageSeconds: new Histogram({
      name: 'winnow_stage_duration_seconds',
      help: 'Time a stage of the pipeline took.',
      labelNames: ['route', 'stage'] as const,
      buckets: STAGE_BUCKETS,
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'winnow_http_request_duration_seconds',
      help: 'Time from a request to its answer.',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: REQUEST_BUCKETS,
      registers,
    }),
    requestsInFlight: new Gauge({ name: 'winnow_http_requests_in_flight', help: 'Requests being answered.', registers }),
    degraded: new Counter({
      name: 'winnow_degraded_total',
      help: 'Answers that went on without a stage, by stage.',
      labelNames: ['route', 'stage'] as const,
      registers,
    }),
    removed: new Counter({
      name: 'winnow_removed_total',
      help: 'Candidates removed, by stage.',
      labelNames: ['route', 'stage'] as const,
      registers,
    }),
    emptyLists: new Counter({
      name: 'winnow_empty_lists_total',
      help: 'Answers without an item.',
      labelNames: ['route'] as const,
      registers,
    }),
    policyCatches: new Counter({
      name: 'winnow_policy_catches_total',
      help: 'Items that reached the last policy check and were stopped there; each is a fault of an earlier stage or a change mid-request.',
      registers,
    }),
    events: new Counter({
      name: 'winnow_events_total',
      help: 'Events offered to POST /events, by verdict.',
      labelNames: ['verdict'] as const,
      registers,
    }),
    diverted: new Counter({
      name: 'winnow_events_diverted_total',
      help: 'Events that went to the invalid or the dead-letter topic, by reason.',
      labelNames: ['topic', 'reason'] as const,
      registers,
    }),
    enriched: new Counter({
      name: 'winnow_events_enriched_total',
      help: 'Events the enricher let through, repeats apart.',
      labelNames: ['kind'] as const,
      registers,
    }),
    impressions: new Counter({
      name: 'winnow_impressions_total',
      help: 'Impression records, by what became of them.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    catalogueItems: new Gauge({
      aggregator: 'max',
      name: 'winnow_catalogue_items',
      help: 'Items that can be retrieved.',
      registers,
    }),
    catalogueLag: new Gauge({
      aggregator: 'max',
      name: 'winnow_catalogue_lag_records',
      help: 'Catalogue changes not yet applied here.',
      registers,
    }),
    consumerLag: new Gauge({
      aggregator: 'max',
      name: 'winnow_log_lag',
      help: 'Log records a consumer group has not yet committed.',
      labelNames: ['topic', 'group'] as const,
      registers,
    }),
    topicRecords: new Gauge({
      aggregator: 'max',
      name: 'winnow_topic_records',
      help: 'Records ever appended to a topic.',
      labelNames: ['topic'] as const,
      registers,
    }),
    featureTime: new Gauge({
      aggregator: 'max',
      name: 'winnow_feature_time_timestamp_seconds',
      help: 'Time of the newest logged action.',
      registers,
    }),
    featureAge: new Gauge({
      aggregator: 'max',
      name: 'winnow_feature_age_seconds',
      help: 'How long ago the log took the newest of what a feature is made of and the store has applied; of models, since they were made.',
      labelNames: ['feature', 'source'] as const,
      registers,
    }),
    featureDrift: new Gauge({
      aggregator: 'max',
      name: 'winnow_feature_drift_psi',
      help: 'Population stability index of a ranker input, what this process ranks against what training saw. Absent before enough lists.',
      labelNames: ['feature'] as const,
      registers,
    }),
    artifact: new Gauge({
      aggregator: 'max',
      name: 'winnow_artifact_info',
      help: 'One for the artifact that serves.',
      labelNames: ['artifact', 'ranker'] as const,
      registers,
    }),
    artifactCreated: new Gauge({
      aggregator: 'max',
      name: 'winnow_artifact_created_timestamp_seconds',
      help: 'When the artifact that serves was made.',
      registers,
    }),
    artifactRefused: new Counter({
      name: 'winnow_artifact_refused_total',
      help: 'Artifacts that could not be loaded, the old one serving on.',
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
