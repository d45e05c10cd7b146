import { DOUBLE, type DuckDBConnection, DuckDBDataChunk, type DuckDBValue, VARCHAR } from '@duckdb/node-api';
import { z } from 'zod';
import type { EventSorter, SortableEvent, SortedEvent } from '../../ports/tables.ts';

const CHUNK_ROWS = 2048;
const COLUMNS = [
  ['time', DOUBLE],
  ['seq', DOUBLE],
  ['user_id', VARCHAR],
  ['session_id', VARCHAR],
  ['item_id', VARCHAR],
  ['type', VARCHAR],
  ['value', DOUBLE],
  ['request_id', VARCHAR],
  ['position', DOUBLE],
] as const;

/**
 * The rows of a list that was shown become one, at the time and place of its first. Positions count from 1; a file that
 * counts them from 0 is shifted.
 */
const SORTED = `
  WITH shift AS (SELECT CASE WHEN min(position) = 0 THEN 1 ELSE 0 END AS places FROM events)
  SELECT time, seq, user_id, session_id, item_id, type, value, request_id, position + places AS position, NULL AS items
  FROM events, shift WHERE type <> 'impression'
  UNION ALL
  SELECT min(time), min(seq), user_id, session_id, NULL, 'impression', NULL, request_id, NULL,
    CAST(to_json(list({ id: item_id, position: position + places } ORDER BY position, seq)) AS VARCHAR)
  FROM events, shift WHERE type = 'impression' GROUP BY user_id, session_id, request_id
  ORDER BY time, seq`;

/** @param connection its own: the table is temporary and goes with it */
export async function openEventSorter(connection: DuckDBConnection): Promise<EventSorter> {
  const types = COLUMNS.map(([, type]) => type);
  await connection.run(`CREATE OR REPLACE TEMP TABLE events (${COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ')})`);
  const appender = await connection.createAppender('events', 'main', 'temp').catch(() => connection.createAppender('events'));
  let waiting: SortableEvent[] = [];
  let seq = 0;

  const flush = (events: readonly SortableEvent[]): void => {
    const chunk = DuckDBDataChunk.create(types, events.length);
    chunk.setColumns([
      events.map((event) => event.time),
      events.map(() => seq++),
      events.map((event) => event.user),
      events.map((event) => event.session),
      events.map((event) => event.item),
      events.map((event) => event.type),
      events.map((event) => event.value),
      events.map((event) => event.request),
      events.map((event) => event.position),
    ]);
    appender.appendDataChunk(chunk);
  };

  return {
    async add(events) {
      waiting = waiting.length === 0 ? [...events] : waiting.concat(events);
      let start = 0;
      for (; waiting.length - start >= CHUNK_ROWS; start += CHUNK_ROWS) flush(waiting.slice(start, start + CHUNK_ROWS));
      waiting = waiting.slice(start);
    },
    async *sorted() {
      if (waiting.length > 0) flush(waiting);
      waiting = [];
      appender.closeSync();
      const result = await connection.stream(SORTED);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return;
        yield chunk.getRows().map(toEvent);
      }
    },
    async close() {
      connection.closeSync();
    },
  };
}

const itemsSchema = z.array(z.object({ id: z.string(), position: z.number().nullable() }));

function toEvent(row: readonly DuckDBValue[]): SortedEvent {
  const [time, , user, session, item, type, value, request, position, items] = row;
  if (items !== null && items !== undefined) {
    return {
      kind: 'shown',
      time: Number(time),
      user: text(user),
      session: text(session),
      request: String(request),
      items: itemsSchema.parse(JSON.parse(String(items))),
    };
  }
  return {
    kind: 'action',
    event: {
      time: Number(time),
      user: text(user),
      session: text(session),
      item: String(item),
      type: String(type),
      value: number(value),
      request: text(request),
      position: number(position),
    },
  };
}

const text = (value: DuckDBValue | undefined): string | null => (typeof value === 'string' ? value : null);
const number = (value: DuckDBValue | undefined): number | null => (typeof value === 'number' ? value : null);
