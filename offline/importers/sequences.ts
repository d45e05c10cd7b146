import { readFile, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../src/domain/errors.ts';
import { type Format, lines } from './format.ts';
import { writeTable } from './tableWriter.ts';

const START_SECONDS = Date.UTC(2000, 0) / 1000;
const DAY_SECONDS = 86_400;
/** What all sequences have room in, so that the longest one's end is not in the future: twenty years. */
const SPAN_SECONDS = 20 * 365 * DAY_SECONDS;

const config = (
  attributes: boolean,
): string => `# Made from sequences of ids. They have no times: the place in a user's sequence is written as a day, or as less where the
# longest sequence would take more than twenty years, and all sequences end on the same day: what came last is what is recent.
dataset:
  items: { source: items.csv, id: item_id }
  events: { source: events.csv, user: user_id, item: item_id, time: { column: timestamp, unit: s } }
fields:
  name: { type: category, searchBoost: 1 }
${attributes ? '  attributes: { type: categories, separator: "|", facet: true }\n' : ''}training:
  # Names that are numbers mean nothing to a text encoder.
  textEncoder: none
`;

/** What a line says: whose it is, and what they took next. */
type Read = (words: readonly string[]) => { readonly user: string; readonly items: readonly string[] } | undefined;

/** One line a user: "user item item …" in the order of time, as in S3-Rec's data. Attributes of items beside it are taken along. */
export const sequences: Format = {
  name: 'sequences',
  expects:
    'a file with a line for each user, "user item item …" in the order of time; item2attributes.json, or NAME_item2attributes.json for NAME.txt, beside it is read too',
  convert: (from, to) =>
    convertEvents(from, to, 'expected a user and at least one item', ([user = '', ...items]) =>
      items.length === 0 ? undefined : { user, items },
    ),
};

/** One line an action: "user item", each user's in the order of time, as in SASRec's data. */
export const userItemPairs: Format = {
  name: 'user-item',
  expects: 'a file with a line for each action, "user item", each user\'s in the order of time',
  convert: (from, to) =>
    convertEvents(from, to, 'expected a user and an item, separated by a space', ([user = '', ...items]) =>
      items.length === 1 ? { user, items } : undefined,
    ),
};

/** Reads the file twice: how long the longest sequence is says how far apart its places are. */
async function convertEvents(from: string, to: string, expected: string, read: Read) {
  const steps = async function* () {
    for await (const { text, number } of lines(from)) {
      const step = read(text.trim().split(/\s+/));
      if (step === undefined) throw new UserError(`${from}:${number}: ${expected}`);
      yield step;
    }
  };
  const lengths = new Map<string, number>();
  let longest = 0;
  for await (const { user, items } of steps()) {
    const length = (lengths.get(user) ?? 0) + items.length;
    lengths.set(user, length);
    longest = Math.max(longest, length);
  }
  const apart = Math.min(DAY_SECONDS, Math.max(1, Math.floor(SPAN_SECONDS / longest)));
  const end = START_SECONDS + apart * (longest - 1);
  const seen = new Set<string>();
  const places = new Map<string, number>();
  const attributes = await readAttributes(from);
  const events = await writeTable(join(to, 'events.csv'), ['user_id', 'item_id', 'timestamp'], async (table) => {
    for await (const { user, items } of steps()) {
      let place = places.get(user) ?? 0;
      const length = lengths.get(user) ?? 0;
      for (const item of items) {
        seen.add(item);
        await table.write([user, item, end - apart * (length - ++place)]);
      }
      places.set(user, place);
    }
  });
  const columns = attributes === undefined ? ['item_id', 'name'] : ['item_id', 'name', 'attributes'];
  const items = await writeTable(join(to, 'items.csv'), columns, async (table) => {
    for (const id of seen) await table.write(attributes === undefined ? [id, id] : [id, id, attributes.get(id)?.join('|') ?? '']);
  });
  return { config: config(attributes !== undefined), items, events };
}

const attributesSchema = z.record(z.string(), z.array(z.union([z.string(), z.number()])));

/** Of the first of the files that may hold them. */
async function readAttributes(from: string): Promise<ReadonlyMap<string, readonly (string | number)[]> | undefined> {
  const { dir, name } = parse(from);
  for (const path of [join(dir, `${name}_item2attributes.json`), join(dir, 'item2attributes.json')]) {
    const there = await stat(path).then(
      (info) => info.isFile(),
      () => false,
    );
    if (!there) continue;
    try {
      return new Map(Object.entries(attributesSchema.parse(JSON.parse(await readFile(path, 'utf8')))));
    } catch {
      throw new UserError(`${path}: expected a JSON object of lists of attributes by item id`);
    }
  }
  return undefined;
}
