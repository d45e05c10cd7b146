import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeTable } from '../../../offline/importers/tableWriter.ts';
import type { ImpressionLog, LoggedList } from './impressionLog.ts';

/** Stage one counts for little in lists that a caller brings: here it trains for seconds. */
const CONFIG = `dataset:
  items: { source: items.csv, id: item_id }
  events: { source: events.csv, user: user_id, item: item_id, time: { column: time, unit: ms }, type: event, request: request, position: position }
fields:
  title:        { type: text }
  genres:       { type: categories }
  tags:         { type: categories }
  actors:       { type: categories }
  director:     { type: categories }
  year:         { type: number }
  votes:        { type: number }
  popularity:   { type: number }
  vote_average: { type: number }
eventTypes:
  click: { weight: 1 }
training: { textEncoder: none, dimensions: 16, epochs: 2 }
`;

/** One thing that happened with a list: that it was shown, or a click. */
interface ListClick {
  readonly item: string;
  readonly time: number;
  /** Counted from 1. */
  readonly position: number;
}

export const requestOf = (list: number): string => `list-${list}`;

/** The clicks of a list, a second after one another. */
export const clicksOf = (log: ImpressionLog, { shown, clicked, time }: LoggedList): ListClick[] =>
  clicked.map((place, n) => ({ item: log.items[shown[place]!]!.id, time: time + 1000 * (n + 1), position: place + 1 }));

/** Writes the catalogue, the log's first lists and a winnow.yaml into a folder. @returns the path of the latter */
export async function writeImpressionFiles(folder: string, log: ImpressionLog, lists: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const names = Object.keys(log.fields);
  await writeTable(join(folder, 'items.csv'), ['item_id', ...names], async (table) => {
    for (const { id, fields } of log.items) {
      const values = names.map((name) => {
        const value = fields[name];
        return Array.isArray(value) ? value.join('|') : String(value ?? '');
      });
      await table.write([id, ...values]);
    }
  });
  const columns = ['user_id', 'item_id', 'time', 'event', 'request', 'position'];
  await writeTable(join(folder, 'events.csv'), columns, async (table) => {
    for (const [n, list] of log.lists.slice(0, lists).entries()) {
      for (const [place, film] of list.shown.entries())
        await table.write([list.person, log.items[film]!.id, list.time, 'impression', requestOf(n), place + 1]);
      for (const { item, time, position } of clicksOf(log, list))
        await table.write([list.person, item, time, 'click', requestOf(n), position]);
    }
  });
  const path = join(folder, 'winnow.yaml');
  await writeFile(path, CONFIG);
  return path;
}
