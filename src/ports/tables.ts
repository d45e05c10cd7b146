import type { JsonValue } from '../domain/json.ts';

/** A cell as the file has it: texts from CSV and Parquet, JSON values from NDJSON and from Parquet's lists. Empty is absent. */
export type Cell = JsonValue | undefined;

export interface TableRow {
  /** Line of the file on which the row begins, from 1; in Parquet the row's number. */
  readonly line: number;
  /** In the order of the columns asked for. */
  readonly cells: readonly Cell[];
}

/** A row that cannot be read at all, such as one with too many fields. */
export interface UnreadableRow {
  readonly line: number;
  readonly reason: string;
  /** The beginning of what stands there. */
  readonly text: string;
}

export interface TableBatch {
  readonly rows: readonly TableRow[];
  readonly unreadable: readonly UnreadableRow[];
  /** Share of the file read so far, 0 to 1. */
  readonly read: number;
}

/** One event on its way through the sorter. Absent values are null. */
export interface SortableEvent {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly user: string | null;
  readonly session: string | null;
  readonly item: string;
  readonly type: string;
  readonly value: number | null;
  readonly request: string | null;
  readonly position: number | null;
}

/** What comes out, in order of time, then of the file. The rows of one list that was shown come as one. */
export type SortedEvent =
  | { readonly kind: 'action'; readonly event: SortableEvent }
  | {
      readonly kind: 'shown';
      readonly time: number;
      readonly user: string | null;
      readonly session: string | null;
      readonly request: string;
      /** In the order of their positions; a position the file does not give is null. */
      readonly items: readonly { readonly id: string; readonly position: number | null }[];
    };

/** Sorts any number of events in bounded memory, spilling to disk. Used once. */
export interface EventSorter {
  add(events: readonly SortableEvent[]): Promise<void>;
  sorted(): AsyncIterable<readonly SortedEvent[]>;
  close(): Promise<void>;
}

/** Tables in files: CSV, NDJSON and Parquet of any size, read as a stream. It leaves out writing, and queries. */
export interface Tables {
  /** Names of the columns; of NDJSON those of its first rows. @throws UserError if the file is missing or not a table */
  columns(source: string): Promise<readonly string[]>;
  /**
   * The rows in the order of the file, with the columns asked for.
   * @throws UserError if the file is missing, not a table, or lacks a column
   */
  read(source: string, columns: readonly string[]): AsyncIterable<TableBatch>;
  sorter(): Promise<EventSorter>;
}
