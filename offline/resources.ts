import type { Catalogue } from '../src/catalogue/catalogue.ts';
import type { Progress } from '../src/cli/progress.ts';
import type { Config } from '../src/config/schema.ts';
import type { Clock } from '../src/domain/clock.ts';
import type { Logger } from '../src/logging/logger.ts';
import type { ArtifactStore } from '../src/ports/artifactStore.ts';
import type { EventLog } from '../src/ports/eventLog.ts';
import type { FeatureStore } from '../src/ports/featureStore.ts';
import type { TextEncoder } from '../src/ports/models.ts';
import type { Tables } from '../src/ports/tables.ts';
import type { EmbedderTrainer, RankerTrainer } from '../src/ports/training.ts';
import type { BuiltVectorIndex, VectorEntry } from '../src/ports/vectorIndex.ts';
import type { HybridSearch } from '../src/text/hybridSearch.ts';

/** What the build works with: everything that reaches outside comes in through here. */
export interface BuildResources {
  readonly config: Config;
  readonly log: EventLog;
  readonly store: FeatureStore;
  readonly artifacts: ArtifactStore;
  readonly tables: Tables;
  /** Which backend trains, and why that one. */
  readonly training: { readonly backend: string; readonly why: string };
  readonly embedderTrainer: EmbedderTrainer;
  readonly rankerTrainer: RankerTrainer;
  /** Cached by the text's hash; absent where the configuration wants no text encoder. */
  readonly textEncoder: TextEncoder | undefined;
  readonly buildIndex: IndexBuilder;
  readonly openSearch: SearchOpener;
  /** Applies what was imported to the feature store, unless a running service does. */
  readonly applyToStore: () => Promise<void>;
  readonly clock: Clock;
  /** For what operators should find later, such as a gate that was overruled. */
  readonly logger: Logger;
}

/** Search over a catalogue as an artifact's folder serves it; by words alone where there is no text encoder. */
export type SearchOpener = (catalogue: Catalogue, artifact: string) => Promise<HybridSearch>;

/** @throws UserError where the recall that is wanted cannot be reached */
export type IndexBuilder = (
  entries: Iterable<VectorEntry>,
  options: { readonly dimensions: number; readonly seed: number },
  progress: Progress,
) => Promise<BuiltVectorIndex>;
