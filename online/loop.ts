import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../src/config/schema.ts';
import { systemClock } from '../src/domain/clock.ts';
import { createStateFeatures } from '../src/features/index.ts';
import type { Logger } from '../src/logging/logger.ts';
import { type MaintainParts, maintainLog } from '../src/loop/maintain.ts';
import { createUpdater } from '../src/loop/updater.ts';
import type { Metrics } from '../src/metrics/metrics.ts';
import type { EventLog } from '../src/ports/eventLog.ts';
import type { FeatureStore } from '../src/ports/featureStore.ts';
import type { SchemaRegistry } from '../src/ports/schemaRegistry.ts';
import { createEnricher } from './events/enricher.ts';
import type { ItemLookup } from './events/enrichment.ts';
import { remoteEnrichment } from './events/remoteEnrichment.ts';

export interface LoopParts {
  readonly config: Config;
  readonly storage: { readonly log: EventLog; readonly store: FeatureStore };
  readonly schemas: SchemaRegistry;
  readonly items: ItemLookup;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The log is rid of what was erased and of what is past its retention this often, and first this long after the start. */
const MAINTENANCE_MS = 60 * 60_000;
const SETTLED_MS = 60_000;

/** Enricher, updater and the log's upkeep in this process, until the signal aborts. */
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
    enrichments: config.loop.enrichmentUrl === undefined ? [] : [remoteEnrichment(config.loop.enrichmentUrl)],
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
    await Promise.all([enricher.run(signal), updater.run(signal), maintain({ log, config, clock }, logger, signal)]);
  } finally {
    await schemas.close();
  }
}

/** Erasure and retention in the log: once the service has settled, and every hour. */
async function maintain(parts: MaintainParts, logger: Logger, signal: AbortSignal): Promise<void> {
  await sleep(SETTLED_MS, undefined, { signal }).catch(() => {});
  let erasedUntil: number | undefined;
  while (!signal.aborted) {
    try {
      const { removed, ...done } = await maintainLog(parts, erasedUntil);
      erasedUntil = done.erasedUntil;
      if (Object.values(removed).some((count) => count > 0)) logger.info('the log was compacted', { removed });
    } catch (error) {
      logger.warn('the log was not compacted; tried again in an hour', { error });
    }
    await sleep(MAINTENANCE_MS, undefined, { signal }).catch(() => {});
  }
}
