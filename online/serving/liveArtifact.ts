import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import { catalogueChangeSchema } from '../../src/loop/schemas.ts';
import { distance, type EventLog, type LogPosition } from '../../src/ports/eventLog.ts';
import { applyChanges } from './applyChanges.ts';

/** An artifact, and the place in the catalogue topic up to which it holds the live changes since it was built. */
export class LiveArtifact {
  readonly artifact: LoadedArtifact;
  readonly #log: EventLog;
  #position: LogPosition;
  #running: Promise<void> | undefined;
  #again: Promise<void> | undefined;

  constructor(artifact: LoadedArtifact, log: EventLog) {
    this.artifact = artifact;
    this.#log = log;
    this.#position = artifact.manifest.positions.catalogue;
  }

  get position(): LogPosition {
    return this.#position;
  }

  /** Applies every change that the log had when this was called. Calls that overlap share the work. @throws UnavailableError */
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
      await applyChanges(
        this.artifact,
        batch.map((record) => catalogueChangeSchema.parse(record.value)),
      );
      const position: Record<string, number> = { ...this.#position };
      for (const { partition, offset } of batch) position[partition] = Math.max(position[partition] ?? 0, offset + 1);
      this.#position = position;
    }
  }
}
