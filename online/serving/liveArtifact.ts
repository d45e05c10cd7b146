import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import { catalogueChangeSchema } from '../../src/loop/schemas.ts';
import { distance, type EventLog, type LogPosition } from '../../src/ports/eventLog.ts';
import { applyChanges, putVectors } from './applyChanges.ts';
import { createVectorQueue, type VectorQueue } from './vectorQueue.ts';

/** So few items at once go before those that wait for their vectors. */
const URGENT = 16;

/** An artifact, and the place in the catalogue topic up to which it holds the live changes since it was built. */
export class LiveArtifact {
  readonly artifact: LoadedArtifact;
  readonly #log: EventLog;
  readonly #vectors: VectorQueue;
  #position: LogPosition;
  #running: Promise<void> | undefined;
  #again: Promise<void> | undefined;

  /** @param onError told where items could not get their vectors yet */
  constructor(artifact: LoadedArtifact, log: EventLog, onError: (error: unknown) => void) {
    this.artifact = artifact;
    this.#log = log;
    this.#vectors = createVectorQueue((items) => putVectors(artifact, items), onError);
    this.#position = artifact.manifest.positions.catalogue;
  }

  get position(): LogPosition {
    return this.#position;
  }

  /** Resolves when single changes applied so far can be found by their vectors too; large batches take longer. */
  recentVectors(): Promise<void> {
    return this.#vectors.urgentDone();
  }

  /** Resolves when everything applied so far can be found by its vectors too. */
  allVectors(): Promise<void> {
    return this.#vectors.idle();
  }

  /** Ends the work behind it and closes the artifact. */
  async close(): Promise<void> {
    await this.#vectors.stop();
    await this.artifact.close();
  }

  /**
   * Applies every change that the log had when this was called: then it can be found by words and fields. Calls that overlap
   * share the work. @throws UnavailableError
   */
  catchUp(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#advance().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#again ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#again = undefined;
        return this.catchUp();
      });
    return this.#again;
  }

  async #advance(): Promise<void> {
    const end = await this.#log.end('catalogue');
    if (distance(this.#position, end) === 0) return;
    for await (const batch of this.#log.read('catalogue', { from: this.#position, to: end, maxBatch: 500 })) {
      const changes = batch.map((record) => catalogueChangeSchema.parse(record.value));
      const changed = await applyChanges(this.artifact, changes);
      this.#vectors.add(changed, changed.length <= URGENT);
      const position: Record<string, number> = { ...this.#position };
      for (const { partition, offset } of batch) position[partition] = Math.max(position[partition] ?? 0, offset + 1);
      this.#position = position;
    }
  }
}
