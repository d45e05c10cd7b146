import { join } from 'node:path';
import { FileLock } from '../folder/fileLock.ts';

/**
 * Keeps commits to an environment apart from its openings, in all processes. LMDB, in the version that the library brings, reads
 * the newest transaction's number when it opens a file and a little later stores that number where all processes look for
 * the newest: a commit in between is forgotten, though it was acknowledged, and the next one writes over it.
 *
 * Commits share a lock that an opening has to itself. The way to it leads through a second lock, so that an opening that waits
 * is not passed by one commit after the other.
 */
export class Openings {
  readonly #way: FileLock;
  readonly #lock: FileLock;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(way: FileLock, lock: FileLock) {
    this.#way = way;
    this.#lock = lock;
  }

  /** Opens an environment's folder by the work while nobody commits. @throws UserError and what the work throws */
  static async open<T>(folder: string, work: () => T): Promise<{ readonly openings: Openings; readonly opened: T }> {
    const way = await FileLock.open(join(folder, 'opening.lock'));
    const lock = await FileLock.open(join(folder, 'commit.lock')).catch(async (error: unknown) => {
      await way.close();
      throw error;
    });
    const openings = new Openings(way, lock);
    try {
      await openings.#way.hold();
      await openings.#lock.hold();
      const opened = work();
      openings.#lock.release();
      openings.#way.release();
      return { openings, opened };
    } catch (error) {
      await openings.close();
      throw error;
    }
  }

  /** Commits, or closes, while nobody opens, one after the other. */
  commit<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => this.#commit(work));
    this.#last = done.catch(() => {});
    return done;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#way.close();
    await this.#lock.close();
  }

  async #commit<T>(work: () => Promise<T>): Promise<T> {
    await this.#way.hold({ shared: true });
    try {
      await this.#lock.hold({ shared: true });
    } finally {
      this.#way.release();
    }
    try {
      return await work();
    } finally {
      this.#lock.release();
    }
  }
}
