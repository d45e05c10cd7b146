import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { FeatureSource } from '../../src/features/feature.ts';
import { NEWEST, readNewest } from '../../src/loop/newest.ts';
import type { Metrics } from '../../src/metrics/metrics.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';

export interface MeasuredFeatures {
  readonly artifact: Pick<LoadedArtifact, 'manifest' | 'vectoriser' | 'drift'>;
  readonly store: FeatureStore;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Brings every feature's age and drift up to date; while the store is away, ages of what comes from it keep what they had. */
export async function measureFeatures({ artifact, store, metrics, clock }: MeasuredFeatures): Promise<void> {
  const now = clock();
  const newest = readNewest(await store.getMeta(NEWEST).catch(() => undefined));
  const times: Readonly<Partial<Record<FeatureSource, number>>> = {
    ...newest,
    models: Date.parse(artifact.manifest.createdAt),
    request: now,
  };
  // What excludeSeen leaves out is no input of the ranker, and a feature all the same.
  const features = [...artifact.vectoriser.features, { name: 'seen', sources: ['actions'] as const }];
  for (const { name, sources } of features) {
    for (const source of sources) {
      const time = times[source];
      if (time !== undefined) metrics.featureAge.set({ feature: name, source }, Math.max(0, now - time) / 1000);
    }
  }
  metrics.featureDrift.reset();
  for (const [feature, index] of artifact.drift?.indices() ?? []) metrics.featureDrift.set({ feature }, index);
}
