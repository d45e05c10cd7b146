import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { Manifest } from '../../src/artifacts/manifest.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { Logger } from '../../src/logging/logger.ts';
import type { Metrics } from '../../src/metrics/metrics.ts';
import type { ArtifactStore } from '../../src/ports/artifactStore.ts';
import { distance, type EventLog } from '../../src/ports/eventLog.ts';
import { within } from '../within.ts';
import { LiveArtifact } from './liveArtifact.ts';
import { pause } from './pause.ts';

/** How often the catalogue topic is asked for news. */
const FOLLOW_MS = 100;
/** How long requests that still hold a replaced artifact get before it is closed. */
const RETIRE_MS = 30_000;

export interface CurrentArtifactDependencies {
  readonly artifacts: ArtifactStore;
  readonly log: EventLog;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Reads a version into memory. @throws UserError naming the file that does not fit */
  readonly load: (opened: { readonly manifest: Manifest; readonly folder: string }) => Promise<LoadedArtifact>;
  /** Sends some requests through an artifact before it serves, so that the first person does not wait for it to get warm. */
  readonly warmUp: (artifact: LoadedArtifact) => Promise<void>;
}

/** The artifact that serves: follows the catalogue topic, and makes way for a new version without a pause. */
export class CurrentArtifact {
  readonly #dependencies: CurrentArtifactDependencies;
  #live: LiveArtifact;
  #swapping: Promise<void> = Promise.resolve();
  readonly #retired = new Set<LiveArtifact>();

  private constructor(live: LiveArtifact, dependencies: CurrentArtifactDependencies) {
    this.#live = live;
    this.#dependencies = dependencies;
  }

  /** Opens the current version. @throws UserError where there is none, or it does not fit, saying which file and why */
  static async open(dependencies: CurrentArtifactDependencies): Promise<CurrentArtifact> {
    const version = await dependencies.artifacts.current();
    if (version === undefined) {
      throw new UserError(
        'There is no artifact in the workspace yet: make one with `npm run build-index` (or `npm run pipeline`).',
      );
    }
    const live = await prepare(version, dependencies);
    const current = new CurrentArtifact(live, dependencies);
    current.#announce();
    return current;
  }

  get artifact(): LoadedArtifact {
    return this.#live.artifact;
  }

  /** Resolves when every catalogue change logged before the call is served here. */
  catchUp(): Promise<void> {
    return this.#live.catchUp();
  }

  /** Whether every change logged before the call is served here in time; single ones can then be found by vectors as well. */
  async settle(milliseconds: number): Promise<boolean> {
    const end = performance.now() + milliseconds;
    if (!(await within(this.catchUp(), milliseconds))) return false;
    await within(this.#live.recentVectors(), Math.max(0, end - performance.now()));
    return true;
  }

  /** Follows the catalogue and the artifact store until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { artifacts, logger } = this.#dependencies;
    const onVersion = (version: string) => {
      this.#swapping = this.#swapping.then(() => this.#swap(version));
    };
    artifacts.watch(this.artifact.manifest.version, onVersion, signal);
    let failing = false;
    while (!signal.aborted) {
      try {
        await this.catchUp();
        failing = false;
      } catch (error) {
        if (!failing) logger.error('catalogue changes cannot be read; lists go on without them', { error });
        failing = true;
      }
      await this.#measure();
      await pause(FOLLOW_MS, signal);
    }
    await this.#swapping;
  }

  async close(): Promise<void> {
    await this.#swapping;
    for (const live of this.#retired) await live.close();
    await this.#live.close();
  }

  /** Loads a version beside the one that serves, then puts it in its place. The old one stays if anything is wrong. */
  async #swap(version: string): Promise<void> {
    const { logger, metrics } = this.#dependencies;
    const old = this.#live;
    if (version === old.artifact.manifest.version) return;
    try {
      const next = await prepare(version, this.#dependencies);
      await next.catchUp();
      this.#live = next;
      this.#announce();
      this.#retire(old);
    } catch (error) {
      metrics.artifactRefused.inc();
      logger.error('the new artifact is refused; the old one serves on', {
        refused: version,
        serving: old.artifact.manifest.version,
        error,
      });
    }
  }

  #announce(): void {
    const { manifest } = this.artifact;
    const { metrics, logger } = this.#dependencies;
    metrics.artifact.reset();
    metrics.artifact.set({ artifact: manifest.version, ranker: manifest.ranker?.id ?? 'none' }, 1);
    metrics.artifactCreated.set(Date.parse(manifest.createdAt) / 1000);
    logger.info('artifact serves', {
      artifact: manifest.version,
      ranker: manifest.ranker?.id ?? null,
      items: this.artifact.catalogue.size,
    });
  }

  #retire(live: LiveArtifact): void {
    this.#retired.add(live);
    const timer = setTimeout(() => {
      this.#retired.delete(live);
      live.close().catch((error: unknown) => this.#dependencies.logger.error('closing an old artifact failed', { error }));
    }, RETIRE_MS);
    timer.unref();
  }

  async #measure(): Promise<void> {
    const { metrics, log } = this.#dependencies;
    metrics.catalogueItems.set(this.artifact.catalogue.size);
    try {
      metrics.catalogueLag.set(distance(this.#live.position, await log.end('catalogue')));
    } catch {
      // The follower above has said that the log is away; the last known lag stands.
    }
  }
}

async function prepare(version: string, dependencies: CurrentArtifactDependencies): Promise<LiveArtifact> {
  const { artifacts, log, load, warmUp, logger } = dependencies;
  const onError = (error: unknown) => logger.warn('new items cannot get their vectors yet', { error });
  const live = new LiveArtifact(await load(await artifacts.open(version)), log, onError);
  await live.catchUp();
  await live.allVectors();
  await warmUp(live.artifact);
  return live;
}
