import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { tryLock, unlock, waitForLock } from 'fs-native-extensions';
import { UserError } from '../../domain/errors.ts';

/**
 * A lock that processes share by a file, which is empty and stays. It belongs to this object alone, so that two in one process
 * keep each other out as well. The operating system lets go of it when the process ends, however it ends.
 */
export class FileLock {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws UserError when the file cannot be opened */
  static async open(path: string): Promise<FileLock> {
    try {
      await mkdir(dirname(path), { recursive: true });
      return new FileLock(await open(path, 'a+'));
    } catch (error) {
      throw new UserError(`${path} cannot be opened: ${String(error)}`, { cause: error });
    }
  }

  /** Whether it is held now: alone, or `shared` with others that share it. */
  tryHold(options?: { readonly shared: boolean }): boolean {
    return tryLock(this.#file.fd, options);
  }

  async hold(options?: { readonly shared: boolean }): Promise<void> {
    if (!this.tryHold(options)) await waitForLock(this.#file.fd, options);
  }

  release(): void {
    unlock(this.#file.fd);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/**
 * Runs the work while this process alone holds the file.
 * @param refusal what to say where another process holds it
 * @throws UserError saying it, or that the file cannot be opened
 */
export async function alone<T>(path: string, refusal: string, work: () => Promise<T>): Promise<T> {
  const lock = await FileLock.open(path);
  try {
    if (!lock.tryHold()) throw new UserError(refusal);
    return await work();
  } finally {
    await lock.close();
  }
}
