import type { ConfigFile, EventsSource } from '../../src/config/schema.ts';
import { createEventParser, eventColumns } from '../../src/dataset/rows.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { isRecord } from '../../src/domain/json.ts';
import type { EventLog, LogEntry } from '../../src/ports/eventLog.ts';
import type { EventSorter, SortableEvent, Tables } from '../../src/ports/tables.ts';
import { createRecordMaker } from './eventRecords.ts';
import { IdSet } from './idSet.ts';
import { type Rejects, unreadable } from './rejects.ts';

/** Entries of one append, which waits for the disk once. */
const BATCH = 10_000;
const DAY = 86_400_000;

export interface EventsImport {
  readonly source: EventsSource;
  readonly eventTypes: ConfigFile['eventTypes'];
  readonly isItem: (id: string) => boolean;
  /** When live calls erased users: what they did before stays forgotten. */
  readonly erased: ReadonlyMap<string, number>;
  readonly rejects: Rejects;
  readonly clock: Clock;
  readonly onProgress: (share: number, detail: string) => void;
}

export interface EventsReport {
  /** Events appended: actions, and lists that were shown. */
  readonly appended: number;
  /** Events that the log had already, or whose user was erased. */
  readonly skipped: number;
  readonly oldest: number | null;
  readonly newest: number | null;
}

/**
 * Reads, checks, sorts by time and appends the events that the log does not have. Nothing is appended before the whole file
 * was read and found good enough. Memory is bounded: the sorter spills to disk, known ids are kept as hashes.
 */
export async function importEvents(tables: Tables, log: EventLog, options: EventsImport): Promise<EventsReport> {
  const sorter = await tables.sorter();
  try {
    return await appendEvents(log, sorter, await readEvents(tables, sorter, options), options);
  } finally {
    await sorter.close();
  }
}

/** @returns how many good rows the sorter has */
async function readEvents(tables: Tables, sorter: EventSorter, options: EventsImport): Promise<number> {
  const { source, rejects, onProgress } = options;
  const parse = createEventParser(source, options.eventTypes, options.isItem);
  const latest = options.clock() + DAY;
  let rows = 0;
  let good = 0;
  for await (const batch of tables.read(source.source, eventColumns(source).names)) {
    rows += batch.rows.length + batch.unreadable.length;
    const bad = batch.unreadable.map(unreadable);
    const events: SortableEvent[] = [];
    for (const { line, cells } of batch.rows) {
      const parsed = parse(cells);
      if ('reason' in parsed) bad.push({ line, reason: parsed.reason, row: cells });
      else if (parsed.value.time > latest) {
        const day = new Date(parsed.value.time).toISOString().slice(0, 10);
        bad.push({ line, reason: `the time lies in the future (${day}); is its unit right?`, row: cells });
      } else events.push(parsed.value);
    }
    await rejects.addAll(bad);
    good += events.length;
    await sorter.add(events);
    onProgress(batch.read * 0.5, `${rows} rows read`);
  }
  await rejects.finish(rows);
  return good;
}

async function appendEvents(
  log: EventLog,
  sorter: EventSorter,
  expected: number,
  { erased, onProgress }: EventsImport,
): Promise<EventsReport> {
  const known = await knownIds(log);
  const makeRecord = createRecordMaker();
  let batch: LogEntry[] = [];
  let appended = 0;
  let skipped = 0;
  let oldest: number | null = null;
  let newest: number | null = null;
  let done = 0;
  for await (const events of sorter.sorted()) {
    for (const event of events) {
      done += event.kind === 'shown' ? event.items.length : 1;
      const { id, time, userId, entry } = makeRecord(event);
      const forgotten = userId !== null && time <= (erased.get(userId) ?? Number.NEGATIVE_INFINITY);
      oldest ??= time;
      newest = time;
      if (forgotten || known?.has(id) === true) {
        skipped++;
        continue;
      }
      batch.push(entry);
      appended++;
      if (batch.length < BATCH) continue;
      await log.append('enriched-events', batch);
      batch = [];
    }
    onProgress(0.5 + (0.5 * done) / Math.max(1, expected), `${appended} events appended`);
  }
  if (batch.length > 0) await log.append('enriched-events', batch);
  return { appended, skipped, oldest, newest };
}

/** Ids of the events in the log; nothing to hold where it is empty. */
async function knownIds(log: EventLog): Promise<IdSet | undefined> {
  let ids: IdSet | undefined;
  for await (const batch of log.read('enriched-events')) {
    ids ??= new IdSet();
    for (const { value } of batch) {
      if (isRecord(value) && typeof value['id'] === 'string') ids.add(value['id']);
    }
  }
  return ids;
}
