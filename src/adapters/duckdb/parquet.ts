import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { z } from 'zod';
import { UserError } from '../../domain/errors.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { Cell, TableBatch } from '../../ports/tables.ts';
import { placeOf } from './textFiles.ts';

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

interface Column {
  readonly name: string;
  readonly type: string;
}

async function describe(connection: DuckDBConnection, path: string): Promise<readonly Column[]> {
  try {
    const result = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${literal(path)})`);
    return result.getRowObjects().map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
  } catch (error) {
    throw new UserError(
      `${path}: not a readable Parquet file (${error instanceof Error ? error.message.split('\n')[0] : error})`,
    );
  }
}

export async function parquetColumns(connection: DuckDBConnection, path: string): Promise<readonly string[]> {
  return (await describe(connection, path)).map((column) => column.name);
}

/** Rows as texts, lists as JSON; times as ISO 8601 in UTC. `line` is the row's number from 1. */
export async function* readParquet(
  connection: DuckDBConnection,
  path: string,
  columns: readonly string[],
): AsyncGenerator<TableBatch> {
  const described = await describe(connection, path);
  const names = described.map((column) => column.name);
  const chosen = columns.map((column) => described[placeOf(path, names, column)]);
  const selected = chosen.map((column) => (column === undefined ? 'NULL' : textOf(column)));
  const total = Number(
    (await connection.runAndReadAll(`SELECT count(*) FROM read_parquet(${literal(path)})`)).getRows()[0]?.[0] ?? 0,
  );
  const result = await connection.stream(`SELECT ${['1', ...selected].join(', ')} FROM read_parquet(${literal(path)})`);
  let line = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    const rows = chunk.getRows().map((row) => ({
      line: ++line,
      cells: chosen.map((column, i) => cell(row[i + 1] ?? null, column?.type ?? '')),
    }));
    yield { rows, unreadable: [], read: total === 0 ? 1 : line / total };
  }
}

function textOf({ name, type }: Column): string {
  const column = identifier(name);
  if (/^TIMESTAMP WITH TIME ZONE/.test(type)) return `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')`;
  if (/^TIMESTAMP/.test(type)) return `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%gZ')`;
  if (isNested(type)) return `CAST(to_json(${column}) AS VARCHAR)`;
  return `CAST(${column} AS VARCHAR)`;
}

const isNested = (type: string): boolean => type.endsWith(']') || type.startsWith('STRUCT') || type.startsWith('MAP');

const jsonSchema: z.ZodType<JsonValue> = z.json();

function cell(value: DuckDBValue, type: string): Cell {
  if (value === null) return undefined;
  const text = String(value);
  return isNested(type) ? jsonSchema.parse(JSON.parse(text)) : text;
}
