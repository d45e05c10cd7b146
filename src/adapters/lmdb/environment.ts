import { statfs } from 'node:fs/promises';
import { open, type RootDatabase } from 'lmdb';
import { UnavailableError, UserError } from '../../domain/errors.ts';
import { Openings } from './openings.ts';

export interface LmdbOptions {
  /** Free space, in bytes, below which writes are refused, so that what was accepted can still be worked on. */
  readonly minFreeBytes?: number;
}

export const DEFAULT_MIN_FREE_BYTES = 64 * 1024 * 1024;
/** The file system is asked this often, in milliseconds. */
const FREE_SPACE_AGE = 500;

/** An open environment: its databases, and how to change them. */
export interface Environment<D> {
  readonly databases: D;
  /** What is read from now on is the newest there is. */
  refresh(): void;
  /** Runs a write, which resolves when it is on disk. @throws what the write throws */
  commit<T>(write: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens a folder's environment and its databases. A commit resolves after its pages are on disk and only then does the header
 * point at them, so a process or machine that dies leaves the last whole commit.
 * @throws UserError when the folder cannot be used
 */
export async function openEnvironment<D>(
  folder: string,
  openDatabases: (root: RootDatabase<unknown, string>) => D,
): Promise<Environment<D>> {
  try {
    const { openings, opened } = await Openings.open(folder, () => {
      // Every write is in a condition of its own; batches by event turn would have a promise that nobody can wait for.
      const root = open<unknown, string>({
        path: folder,
        noSubdir: false,
        overlappingSync: false,
        eventTurnBatching: false,
        maxDbs: 8,
        maxReaders: 512,
      });
      return { root, databases: openDatabases(root) };
    });
    return {
      databases: opened.databases,
      refresh: () => opened.root.resetReadTxn(),
      commit: (write) => openings.commit(write),
      async close() {
        // Who closes last does away with what the processes share; one that opens meanwhile would find it in pieces.
        await openings.commit(() => opened.root.close());
        await openings.close();
      },
    };
  } catch (error) {
    throw new UserError(`${folder} cannot be opened as an embedded database: ${String(error)}`, { cause: error });
  }
}

/** Refuses writes when the disk is nearly full. */
export class SpaceGuard {
  readonly #folder: string;
  readonly #minFree: number;
  #free = Number.POSITIVE_INFINITY;
  #askedAt = 0;

  constructor(folder: string, minFreeBytes: number) {
    this.#folder = folder;
    this.#minFree = minFreeBytes;
  }

  /** @throws UnavailableError (507) */
  async check(): Promise<void> {
    const now = performance.now();
    if (this.#askedAt === 0 || now - this.#askedAt > FREE_SPACE_AGE) {
      this.#askedAt = now;
      const { bavail, bsize } = await statfs(this.#folder);
      this.#free = bavail * bsize;
    }
    if (this.#free < this.#minFree) throw diskFull(this.#folder);
  }
}

function diskFull(folder: string, cause?: unknown): UnavailableError {
  return new UnavailableError(`the disk of ${folder} is full or fails: nothing was stored`, {
    status: 507,
    retryAfter: 10,
    cause,
  });
}

/** What a full disk's failures look like: a write that came out short counts as an input/output error. */
const NO_SPACE = /No space left|File too large|Input\/output|quota exceeded|MDB_MAP_FULL/i;

/** What a failed write means to the caller: 507 for a full disk, else 503. */
export async function writeFailure(folder: string, error: unknown): Promise<UnavailableError> {
  if (error instanceof UnavailableError) return error;
  // The library rejects with an error that carries the promise of the reason.
  const reason: unknown =
    error instanceof Error && 'commitError' in error
      ? await Promise.resolve(error.commitError).catch((cause: unknown) => cause)
      : error;
  if (NO_SPACE.test(String(reason))) return diskFull(folder, reason);
  return new UnavailableError(`writing to ${folder} failed: ${String(reason)}`, { cause: reason });
}

/** A write inside a conditional transaction: the transaction's own promise tells of its failure, this one need not. */
export function settled(write: Promise<boolean>): void {
  write.catch(() => {});
}
