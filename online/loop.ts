import type { Config } from '../src/config/schema.ts';
import { systemClock } from '../src/domain/clock.ts';
import { createStateFeatures } from '../src/features/index.ts';
import type { Logger } from '../src/logging/logger.ts';
import { createUpdater } from '../src/loop/updater.ts';
import type { Metrics } from '../src/metrics/metrics.ts';
import type { EventLog } from '../src/ports/eventLog.ts';
import type { FeatureStore } from '../src/ports/featureStore.ts';
import type { SchemaRegistry } from '../src/ports/schemaRegistry.ts';
import { createEnricher } from './events/enricher.ts';
import type { ItemLookup } from './events/enrichment.ts';

export interface LoopParts {
  readonly config: Config;
  readonly storage: { readonly log: EventLog; readonly store: FeatureStore };
  readonly schemas: SchemaRegistry;
  readonly items: ItemLookup;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Enricher and updater in this process, until the signal aborts. */
export async function runLoop(
  { config, storage, schemas, items, logger, metrics }: LoopParts,
  signal: AbortSignal,
): Promise<void> {
  const { log, store } = storage;
  const clock = systemClock;
  const onError = (part: string) => (error: unknown) => logger.warn(`the ${part} tries again`, { error });
  const enricher = createEnricher({
    log,
    schemas,
    config,
    clock,
    items,
    featureTime: async () => {
      const time = await store.getMeta('featureTime');
      return typeof time === 'number' ? time : undefined;
    },
    onOutcome: (outcome, count) => {
      if ('reason' in outcome) metrics.diverted.inc({ topic: outcome.kind, reason: outcome.reason }, count);
      else metrics.enriched.inc({ kind: outcome.kind }, count);
    },
    onError: onError('enricher'),
  });
  const updater = createUpdater({
    log,
    store,
    features: createStateFeatures(config.loop),
    config,
    clock,
    onError: onError('updater'),
  });
  try {
    await Promise.all([enricher.run(signal), updater.run(signal)]);
  } finally {
    await schemas.close();
  }
}
