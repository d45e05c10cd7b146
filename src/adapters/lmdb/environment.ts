import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { open, type RootDatabase } from 'lmdb';
import { UnavailableError, UserError } from '../../domain/errors.ts';

export interface LmdbOptions {
  /** Free space, in bytes, below which writes are refused, so that what was accepted can still be worked on. */
  readonly minFreeBytes?: number;
}

export const DEFAULT_MIN_FREE_BYTES = 64 * 1024 * 1024;
/** The file system is asked this often, in milliseconds. */
const FREE_SPACE_AGE = 500;

/**
 * Opens a folder's environment. A commit resolves after its pages are on disk and only then does the header point at them, so
 * a process or machine that dies leaves the last whole commit.
 * @throws UserError when the folder cannot be used
 */
export function openEnvironment(folder: string): RootDatabase<unknown, string> {
  try {
    mkdirSync(folder, { recursive: true });
    return open<unknown, string>({ path: folder, noSubdir: false, overlappingSync: false, maxDbs: 8, maxReaders: 512 });
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
  return new UnavailableError(`no space left on the disk of ${folder}: nothing was stored`, {
    status: 507,
    retryAfter: 10,
    cause,
  });
}

/** What a failed write means to the caller: 507 for a full disk, else 503. */
export function writeFailure(folder: string, error: unknown): UnavailableError {
  if (error instanceof UnavailableError) return error;
  const text = `${String(error)} ${error instanceof Error && 'code' in error ? String(error.code) : ''}`;
  if (/ENOSPC|EFBIG|EDQUOT|MAP_FULL|No space left|File too large|quota|mapsize/i.test(text)) return diskFull(folder, error);
  return new UnavailableError(`writing to ${folder} failed: ${String(error)}`, { cause: error });
}

/** A write inside a conditional transaction: the transaction's own promise tells of its failure, this one need not. */
export function settled(write: Promise<boolean>): void {
  write.catch(() => {});
}
