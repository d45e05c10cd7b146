import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { UserError } from '../../domain/errors.ts';

/**
 * Runs the work while this process alone holds the file, which is DuckDB's, empty, and stays. The operating system lets go of it
 * when the process ends, however it ends.
 * @param refusal what to say where another process holds it
 * @throws UserError saying it, or that the file cannot be opened
 */
export async function alone<T>(path: string, refusal: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const lock = await hold(path).catch(async (error: unknown) => {
    const reason = error instanceof Error ? error.message : '';
    if (/set lock on file/.test(reason)) throw new UserError(refusal, { cause: error });
    // A process that was killed while it made the file left a piece of one: nobody holds that.
    if (!/not a valid|enough bytes/.test(reason)) throw new UserError(`${path} cannot be opened: ${reason}`, { cause: error });
    await rm(path, { force: true });
    return hold(path);
  });
  try {
    return await work();
  } finally {
    lock.closeSync();
  }
}

const hold = (path: string): Promise<DuckDBInstance> => DuckDBInstance.create(path, { threads: '1', memory_limit: '64MB' });
