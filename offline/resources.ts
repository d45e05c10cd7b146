import type { Config } from '../src/config/schema.ts';
import type { Clock } from '../src/domain/clock.ts';
import type { ArtifactStore } from '../src/ports/artifactStore.ts';
import type { EventLog } from '../src/ports/eventLog.ts';
import type { FeatureStore } from '../src/ports/featureStore.ts';
import type { TextEncoder } from '../src/ports/models.ts';
import type { Tables } from '../src/ports/tables.ts';
import type { EmbedderTrainer, RankerTrainer } from '../src/ports/training.ts';

/** What the build works with: everything that reaches outside comes in through here. */
export interface BuildResources {
  readonly config: Config;
  readonly log: EventLog;
  readonly store: FeatureStore;
  readonly artifacts: ArtifactStore;
  readonly tables: Tables;
  readonly embedderTrainer: EmbedderTrainer;
  readonly rankerTrainer: RankerTrainer;
  /** Cached by the text's hash; absent where the configuration wants no text encoder. */
  readonly textEncoder: TextEncoder | undefined;
  /** Applies what was imported to the feature store, unless a running service does. */
  readonly applyToStore: () => Promise<void>;
  readonly clock: Clock;
}
