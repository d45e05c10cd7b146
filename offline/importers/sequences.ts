import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../src/domain/errors.ts';
import { type Format, lines } from './format.ts';
import { type TableWriter, writeTable } from './tableWriter.ts';

const DAY_SECONDS = 86_400;

const config = (
  attributes: boolean,
): string => `# Made from sequences of ids. They have no times: the place in a user's sequence is written as a day, counted from 2000.
dataset:
  items: { source: items.csv, id: item_id }
  events: { source: events.csv, user: user_id, item: item_id, time: { column: timestamp, unit: s } }
fields:
  name: { type: category, searchBoost: 1 }
${attributes ? '  attributes: { type: categories, separator: "|", facet: true }\n' : ''}training:
  # Names that are numbers mean nothing to a text encoder.
  textEncoder: none
`;

/** One line a user: "user item item …" in the order of time, as in S3-Rec's data. Attributes of items beside it are taken along. */
export const sequences: Format = {
  name: 'sequences',
  expects:
    'a file with a line for each user, "user item item …" in the order of time; item2attributes.json beside it is read too',
  convert: (from, to) =>
    convertEvents(from, to, async (table, seen) => {
      for await (const { text, number } of lines(from)) {
        const [user, ...items] = text.trim().split(/\s+/);
        if (items.length === 0) throw new UserError(`${from}:${number}: expected a user and at least one item`);
        for (const [place, item] of items.entries()) {
          seen.add(item);
          await table.write([user, item, timeOf(place)]);
        }
      }
    }),
};

/** One line an action: "user item", each user's in the order of time, as in SASRec's data. */
export const userItemPairs: Format = {
  name: 'user-item',
  expects: 'a file with a line for each action, "user item", each user\'s in the order of time',
  convert: (from, to) =>
    convertEvents(from, to, async (table, seen) => {
      const places = new Map<string, number>();
      for await (const { text, number } of lines(from)) {
        const [user, item, ...rest] = text.trim().split(/\s+/);
        if (user === undefined || item === undefined || rest.length > 0) {
          throw new UserError(`${from}:${number}: expected a user and an item, separated by a space`);
        }
        const place = places.get(user) ?? 0;
        places.set(user, place + 1);
        seen.add(item);
        await table.write([user, item, timeOf(place)]);
      }
    }),
};

const timeOf = (place: number): number => Date.UTC(2000, 0) / 1000 + place * DAY_SECONDS;

async function convertEvents(from: string, to: string, work: (table: TableWriter, items: Set<string>) => Promise<void>) {
  const seen = new Set<string>();
  const attributes = await readAttributes(join(dirname(from), 'item2attributes.json'));
  const events = await writeTable(join(to, 'events.csv'), ['user_id', 'item_id', 'timestamp'], (table) => work(table, seen));
  const columns = attributes === undefined ? ['item_id', 'name'] : ['item_id', 'name', 'attributes'];
  const items = await writeTable(join(to, 'items.csv'), columns, async (table) => {
    for (const id of seen) await table.write(attributes === undefined ? [id, id] : [id, id, attributes.get(id)?.join('|') ?? '']);
  });
  return { config: config(attributes !== undefined), items, events };
}

const attributesSchema = z.record(z.string(), z.array(z.union([z.string(), z.number()])));

async function readAttributes(path: string): Promise<ReadonlyMap<string, readonly (string | number)[]> | undefined> {
  const there = await stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
  if (!there) return undefined;
  try {
    return new Map(Object.entries(attributesSchema.parse(JSON.parse(await readFile(path, 'utf8')))));
  } catch {
    throw new UserError(`${path}: expected a JSON object of lists of attributes by item id`);
  }
}
