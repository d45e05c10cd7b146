import type { EventSorter, SortableEvent, SortedEvent } from '../../ports/tables.ts';
import { ExternalSorter } from './externalSorter.ts';

/** An event, or a list, at its time and at its (first) row's place in the file. */
interface Timed {
  readonly time: number;
  readonly row: number;
  readonly event: SortedEvent;
}

/** A row of a list that was shown. */
interface ShownRow {
  readonly row: number;
  readonly event: SortableEvent;
}

/**
 * Sorts twice: the rows of lists by list, so that each becomes one record, wherever its rows stand in the file; then
 * everything by time. Positions count from 1; a file that counts them from 0 is shifted.
 */
export function openEventSorter(folder: string, runLength?: number): EventSorter {
  const timed = new ExternalSorter<Timed>(folder, (a, b) => a.time - b.time || a.row - b.row, runLength);
  const shown = new ExternalSorter<ShownRow>(folder, byList, runLength);
  let rows = 0;
  let lowest = 1;
  return {
    async add(events) {
      for (const event of events) {
        const row = rows++;
        if (event.position !== null && event.position < lowest) lowest = event.position;
        if (event.type === 'impression') await shown.add({ row, event });
        else await timed.add({ time: event.time, row, event: { kind: 'action', event } });
      }
    },
    async *sorted() {
      const shift = 1 - lowest;
      let list: ShownRow[] = [];
      const flush = async () => {
        if (list.length > 0) await timed.add(listOf(list));
        list = [];
      };
      for await (const batch of shown.sorted()) {
        for (const row of batch) {
          const previous = list[0];
          if (previous !== undefined && compareLists(previous.event, row.event) !== 0) await flush();
          list.push(row);
        }
      }
      await flush();
      for await (const batch of timed.sorted()) yield batch.map(({ event }) => shifted(event, shift));
    },
    async close() {
      await timed.close();
      await shown.close();
    },
  };
}

/** The list at the time of its earliest row and the place of its first, its items by position and then by row. */
function listOf(rows: readonly ShownRow[]): Timed {
  const place = (position: number | null) => position ?? Number.POSITIVE_INFINITY;
  const items = [...rows]
    .sort((a, b) => (a.event.position === b.event.position ? a.row - b.row : place(a.event.position) - place(b.event.position)))
    .map(({ event }) => ({ id: event.item, position: event.position }));
  const time = rows.reduce((least, { event }) => Math.min(least, event.time), Number.POSITIVE_INFINITY);
  const row = rows.reduce((least, entry) => Math.min(least, entry.row), Number.POSITIVE_INFINITY);
  const { user, session, request } = rows[0]?.event ?? { user: null, session: null, request: null };
  return { time, row, event: { kind: 'shown', time, user, session, request: request ?? '', items } };
}

function shifted(event: SortedEvent, by: number): SortedEvent {
  if (by === 0) return event;
  const shift = (position: number | null) => (position === null ? null : position + by);
  return event.kind === 'action'
    ? { kind: 'action', event: { ...event.event, position: shift(event.event.position) } }
    : { ...event, items: event.items.map(({ id, position }) => ({ id, position: shift(position) })) };
}

const byList = (a: ShownRow, b: ShownRow): number => compareLists(a.event, b.event) || a.row - b.row;

const compareLists = (a: SortableEvent, b: SortableEvent): number =>
  compareTexts(a.request, b.request) || compareTexts(a.user, b.user) || compareTexts(a.session, b.session);

function compareTexts(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return a < b ? -1 : 1;
}
