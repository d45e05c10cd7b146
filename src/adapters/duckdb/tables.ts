import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { isErrno } from '../../domain/errno.ts';
import { UserError } from '../../domain/errors.ts';
import type { Tables } from '../../ports/tables.ts';
import { openEventSorter } from './eventSorter.ts';
import { parquetColumns, readParquet } from './parquet.ts';
import { csvColumns, ndjsonColumns, readCsv, readNdjson } from './textFiles.ts';

export interface TablesOptions {
  /** Where sorting spills to; the system's folder for temporary files when absent. */
  readonly temporaryFolder?: string;
  /** What DuckDB may hold in memory. */
  readonly memoryMb?: number;
  /** Events that the sorter holds in memory before it writes them away. */
  readonly sortRunLength?: number;
}

/** Tables in files. Texts are read by our own streaming readers, which know every line; Parquet is DuckDB's. */
export async function openTables({
  temporaryFolder,
  memoryMb = 512,
  sortRunLength,
}: TablesOptions = {}): Promise<Tables & { close(): Promise<void> }> {
  const parent = temporaryFolder ?? tmpdir();
  await mkdir(parent, { recursive: true });
  const spill = await mkdtemp(join(parent, 'winnow-sort-'));
  let instance: Promise<DuckDBInstance> | undefined;
  const connect = async (): Promise<DuckDBConnection> => {
    instance ??= DuckDBInstance.create(':memory:', {
      memory_limit: `${memoryMb}MB`,
      temp_directory: spill,
      threads: '2',
      autoinstall_known_extensions: 'false',
      preserve_insertion_order: 'true',
    });
    return (await instance).connect();
  };
  return {
    async columns(source) {
      const format = await formatOf(source);
      if (format === 'csv') return csvColumns(source);
      if (format === 'ndjson') return ndjsonColumns(source);
      const connection = await connect();
      try {
        return await parquetColumns(connection, source);
      } finally {
        connection.closeSync();
      }
    },
    async *read(source, columns) {
      const format = await formatOf(source);
      if (format === 'csv') yield* readCsv(source, columns);
      else if (format === 'ndjson') yield* readNdjson(source, columns);
      else {
        const connection = await connect();
        try {
          yield* readParquet(connection, source, columns);
        } finally {
          connection.closeSync();
        }
      }
    },
    sorter: async () => openEventSorter(spill, sortRunLength),
    async close() {
      (await instance)?.closeSync();
      await rm(spill, { recursive: true, force: true });
    },
  };
}

/** @throws UserError if the file is not there or its name says nothing that is known */
async function formatOf(path: string): Promise<'csv' | 'ndjson' | 'parquet'> {
  const info = await stat(path).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) throw new UserError(`${path}: there is no such file`);
    throw error;
  });
  if (info.isDirectory()) throw new UserError(`${path}: is a folder, expected a CSV, NDJSON or Parquet file`);
  const name = path.toLowerCase().replace(/\.gz$/, '');
  if (/\.(csv|tsv|txt)$/.test(name)) return 'csv';
  if (/\.(ndjson|jsonl|json)$/.test(name)) return 'ndjson';
  if (/\.parquet$/.test(name)) return 'parquet';
  throw new UserError(
    `${path}: expected a file that ends in .csv, .tsv, .ndjson, .jsonl, .json (one object a line) or .parquet (.gz for the texts)`,
  );
}
