import type { LoadedArtifact } from '../src/artifacts/loaded.ts';
import type { Manifest } from '../src/artifacts/manifest.ts';
import type { Config } from '../src/config/schema.ts';
import type { Clock } from '../src/domain/clock.ts';
import type { Bindings } from '../src/filters/bindings.ts';
import type { Logger } from '../src/logging/logger.ts';
import type { Metrics } from '../src/metrics/metrics.ts';
import type { ArtifactStore } from '../src/ports/artifactStore.ts';
import type { EventLog } from '../src/ports/eventLog.ts';
import type { FeatureStore } from '../src/ports/featureStore.ts';
import { createCollector } from './events/collector.ts';
import { recentDiverted } from './events/diverted.ts';
import { replayDiverted } from './events/replay.ts';
import { pipelineStatus } from './events/status.ts';
import { createExplain } from './explain.ts';
import { createGoverning } from './governing.ts';
import { itemActivity } from './itemActivity.ts';
import { createItemLock } from './itemLock.ts';
import { createItems } from './items.ts';
import { answerBody } from './listBody.ts';
import { createLists } from './lists.ts';
import { createCursors } from './pipeline/cursor.ts';
import { governanceOf } from './pipeline/governance.ts';
import { createPages } from './pipeline/pages.ts';
import { createStageParts, findDeeper } from './pipeline/parts.ts';
import { createSearchAnswer } from './pipeline/searchAnswer.ts';
import { createReadiness } from './readiness.ts';
import type { RuleBook } from './rules/ruleBook.ts';
import { createSearchAnalytics } from './search/analytics.ts';
import { createSuggester } from './search/suggest.ts';
import type { Service } from './service.ts';
import { CurrentArtifact } from './serving/currentArtifact.ts';
import { followSearches } from './serving/followSearches.ts';
import { createImpressionWriter } from './serving/impressions.ts';
import { measureFeatures } from './serving/measureFeatures.ts';
import { measurePipeline } from './serving/measurePipeline.ts';
import { warmUp } from './serving/warmUp.ts';
import { createUsers } from './users.ts';
import type { MetricsJson } from './workers/messages.ts';

export interface ServiceDependencies {
  readonly config: Config;
  readonly store: FeatureStore;
  readonly log: EventLog;
  readonly artifacts: ArtifactStore;
  readonly load: (opened: { readonly manifest: Manifest; readonly folder: string }) => Promise<LoadedArtifact>;
  readonly ruleBook: RuleBook;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

export interface RunningService extends Service {
  /** Follows log and artifacts until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** This process's metrics, measured now. */
  metricsJson(): Promise<MetricsJson>;
  /** From here on it is not ready. */
  stop(): void;
  /** Writes what waits and closes the artifact. */
  close(): Promise<void>;
}

/** Somebody of whom nothing is known: what they must not see is in no completion. */
const ANYONE = (now: number): Bindings => ({ user: {}, request: { route: 'search', scenario: '', context: {} }, now });

/** Opens the current artifact and puts the service's parts together. @throws UserError without a usable artifact */
export async function createService(dependencies: ServiceDependencies): Promise<RunningService> {
  const { config, store, log, logger, metrics, clock, ruleBook } = dependencies;
  const current = await CurrentArtifact.open({ ...dependencies, warmUp });
  const parts = createStageParts({ config, store, clock, logger });
  const impressions = createImpressionWriter({ log, logger, metrics });
  const serve = createLists({
    config,
    parts,
    artifact: () => current.artifact,
    governance: () => governanceOf(ruleBook.current()),
    pages: createPages(createCursors({ secret: config.cursorSecret, clock })),
    searchAnswer: createSearchAnswer(config),
    impressions,
    metrics,
    logger,
  });
  const collector = createCollector({ log, clock });
  const analytics = createSearchAnalytics();
  const measure = () =>
    Promise.all([
      measurePipeline({ log, store, metrics }),
      measureFeatures({ artifact: current.artifact, store, metrics, clock }),
    ]);
  let stopping = false;
  return {
    config,
    metrics,
    current,
    items: createItems({ log, current, config, withLock: createItemLock({ store, clock }) }),
    users: createUsers({ log, store, config }),
    governing: createGoverning(ruleBook, config, async (request, governance) =>
      answerBody(request, await serve(request, { record: false, governance })),
    ),
    list: async (request, options) => answerBody(request, await serve(request, options)),
    explain: createExplain(serve, findDeeper(parts)),
    suggest(typed, limit) {
      const { constraints } = governanceOf(ruleBook.current());
      const suggest = createSuggester({ textIndex: current.artifact.textIndex, popularQueries: () => analytics.popular() });
      return suggest(typed, limit, { constraints, bindings: ANYONE(clock()), excluded: new Set() });
    },
    async accept(events) {
      const { verdicts } = await collector.accept(events);
      const accepted = verdicts.filter((verdict) => verdict.accepted).length;
      metrics.events.inc({ verdict: 'accepted' }, accepted);
      metrics.events.inc({ verdict: 'rejected' }, verdicts.length - accepted);
      return verdicts;
    },
    pipelineStatus: () => pipelineStatus({ log, store }),
    diverted: (topic, limit) => recentDiverted(log, topic === 'invalid' ? 'invalid-events' : 'dead-letter-events', limit),
    replay: (from, options) => replayDiverted({ log, store, from, ...options }),
    itemActivity: (id) => itemActivity({ store, artifact: current.artifact }, id),
    searchReport: (limit) => analytics.report(limit),
    readiness: createReadiness({ store, log, stopping: () => stopping }),
    async metricsText() {
      await measure();
      return metrics.registry.metrics();
    },
    async metricsJson() {
      await measure();
      return (await metrics.registry.getMetricsAsJSON()).map((metric) => ({ ...metric }));
    },
    async run(signal) {
      const onRules = (error: unknown) => logger.warn('rules cannot be looked for; those in force stay', { error });
      const searches = { log, analytics, artifact: () => current.artifact, logger };
      await Promise.all([current.run(signal), ruleBook.run(signal, onRules), followSearches(searches, signal)]);
    },
    stop() {
      stopping = true;
    },
    async close() {
      await impressions.close();
      await current.close();
    },
  };
}
