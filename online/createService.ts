import type { LoadedArtifact } from '../src/artifacts/loaded.ts';
import type { Manifest } from '../src/artifacts/manifest.ts';
import type { Config } from '../src/config/schema.ts';
import type { Clock } from '../src/domain/clock.ts';
import type { Logger } from '../src/logging/logger.ts';
import type { Metrics } from '../src/metrics/metrics.ts';
import type { ArtifactStore } from '../src/ports/artifactStore.ts';
import type { EventLog } from '../src/ports/eventLog.ts';
import type { FeatureStore } from '../src/ports/featureStore.ts';
import { createCollector } from './events/collector.ts';
import { pipelineStatus } from './events/status.ts';
import { createExplain } from './explain.ts';
import { createItems } from './items.ts';
import { answerBody } from './listBody.ts';
import { createLists } from './lists.ts';
import { createCursors } from './pipeline/cursor.ts';
import type { Governance } from './pipeline/governance.ts';
import { createPages } from './pipeline/pages.ts';
import { createStageParts, findDeeper } from './pipeline/parts.ts';
import { createSearchAnswer } from './pipeline/searchAnswer.ts';
import { createReadiness } from './readiness.ts';
import { createSearchAnalytics } from './search/analytics.ts';
import { createSuggester } from './search/suggest.ts';
import type { Service } from './service.ts';
import { CurrentArtifact } from './serving/currentArtifact.ts';
import { followSearches } from './serving/followSearches.ts';
import { createImpressionWriter } from './serving/impressions.ts';
import { warmUp } from './serving/warmUp.ts';
import { createUsers } from './users.ts';

export interface ServiceDependencies {
  readonly config: Config;
  readonly store: FeatureStore;
  readonly log: EventLog;
  readonly artifacts: ArtifactStore;
  readonly load: (opened: { readonly manifest: Manifest; readonly folder: string }) => Promise<LoadedArtifact>;
  readonly governance: () => Governance;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

export interface RunningService extends Service {
  /** Follows log and artifacts until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Writes what waits and closes the artifact. */
  close(): Promise<void>;
}

/** Opens the current artifact and puts the service's parts together. @throws UserError without a usable artifact */
export async function createService(dependencies: ServiceDependencies): Promise<RunningService> {
  const { config, store, log, logger, metrics, clock, governance } = dependencies;
  const current = await CurrentArtifact.open({ ...dependencies, warmUp });
  const parts = createStageParts({ config, store, clock, logger });
  const impressions = createImpressionWriter({ log, logger, metrics });
  const serve = createLists({
    config,
    parts,
    artifact: () => current.artifact,
    governance,
    pages: createPages(createCursors({ secret: config.cursorSecret, clock })),
    searchAnswer: createSearchAnswer(config),
    impressions,
    metrics,
    logger,
  });
  const collector = createCollector({ log, clock });
  const analytics = createSearchAnalytics();
  let stopping = false;
  return {
    config,
    metrics,
    current,
    items: createItems({ log, current, config }),
    users: createUsers({ log, store, config }),
    list: async (request, options) => answerBody(request, await serve(request, options)),
    explain: createExplain(serve, findDeeper(parts)),
    suggest: (typed, limit) =>
      createSuggester({ textIndex: current.artifact.textIndex, popularQueries: () => analytics.popular() })(typed, limit),
    async accept(events) {
      const { verdicts } = await collector.accept(events);
      const accepted = verdicts.filter((verdict) => verdict.accepted).length;
      metrics.events.inc({ verdict: 'accepted' }, accepted);
      metrics.events.inc({ verdict: 'rejected' }, verdicts.length - accepted);
      return verdicts;
    },
    pipelineStatus: () => pipelineStatus({ log, store }),
    searchReport: (limit) => analytics.report(limit),
    readiness: createReadiness({ store, log, stopping: () => stopping }),
    metricsText: () => metrics.registry.metrics(),
    async run(signal) {
      signal.addEventListener(
        'abort',
        () => {
          stopping = true;
        },
        { once: true },
      );
      await Promise.all([current.run(signal), followSearches({ log, analytics, logger }, signal)]);
    },
    async close() {
      await impressions.close();
      await current.close();
    },
  };
}
