import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type FieldDefinitions, fieldDefinitionSchema } from '../../../src/config/schema.ts';
import { UserError } from '../../../src/domain/errors.ts';
import type { Fields, Item } from '../../../src/domain/item.ts';
import { type Interactions, interactionsBuilder } from '../../../src/retrieval/interactions.ts';

/** A data set of histories: items with their fields, and who took what in which order. */
export interface SequenceData {
  readonly name: string;
  readonly fields: FieldDefinitions;
  readonly items: readonly Item[];
  readonly interactions: Interactions;
}

const categories = fieldDefinitionSchema.parse({ type: 'categories' });

/** Collects items in the order in which they are met. */
function collector(name: string, fields: FieldDefinitions) {
  const items: Item[] = [];
  const ordinals = new Map<string, number>();
  const builder = interactionsBuilder({ click: 1 });
  const item = (id: string, own: Fields = {}): number => {
    const known = ordinals.get(id);
    if (known !== undefined) return known;
    ordinals.set(id, items.length);
    items.push({ id, fields: own });
    return items.length - 1;
  };
  return {
    item,
    act: (user: string, id: number, time: number) => builder.add({ actor: `user:${user}`, item: id, time, type: 'click' }),
    finish: (): SequenceData => ({ name, fields, items, interactions: builder.finish(items.length) }),
  };
}

const linesOf = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8')).split(/\r?\n/).filter((line) => line !== '');

/**
 * Reads a folder in one of three common forms: MovieLens (`movies.csv`, `ratings.csv`), one line a user
 * (`sequences.txt`, with `item2attributes.json` beside it), or one line an action (`Video.txt`, "user item" in time order). Sequences
 * without times all end together, as `import-format` writes them.
 */
export async function readSequenceData(folder: string): Promise<SequenceData> {
  const name = folder.split('/').filter(Boolean).at(-1) ?? folder;
  if (existsSync(join(folder, 'ratings.csv'))) return readMovieLens(name, folder);
  if (existsSync(join(folder, 'sequences.txt'))) return readLines(name, folder);
  if (existsSync(join(folder, 'Video.txt'))) return readPairs(name, join(folder, 'Video.txt'));
  throw new UserError(`${folder} has neither ratings.csv, nor sequences.txt, nor Video.txt`);
}

async function readMovieLens(name: string, folder: string): Promise<SequenceData> {
  const fields = { genres: categories, year: fieldDefinitionSchema.parse({ type: 'number' }) };
  const data = collector(name, fields);
  for (const line of (await linesOf(join(folder, 'movies.csv'))).slice(1)) {
    const [, id = '', title = '', genres = ''] = /^(\d+),(.*),([^,]*)$/.exec(line) ?? [];
    const year = /\((\d{4})\)/.exec(title)?.[1];
    data.item(id, { genres: genres.split('|'), ...(year === undefined ? {} : { year: Number(year) }) });
  }
  for (const line of (await linesOf(join(folder, 'ratings.csv'))).slice(1)) {
    const [user = '', id = '', , seconds = ''] = line.split(',');
    data.act(user, data.item(id), Number(seconds) * 1000);
  }
  return data.finish();
}

async function readLines(name: string, folder: string): Promise<SequenceData> {
  const path = join(folder, 'item2attributes.json');
  const attributes = existsSync(path)
    ? z.record(z.string(), z.array(z.number())).parse(JSON.parse(await readFile(path, 'utf8')))
    : {};
  const data = collector(name, { attributes: categories });
  for (const line of await linesOf(join(folder, 'sequences.txt'))) {
    const [user = '', ...ids] = line.split(' ');
    ids.forEach((id, place) => {
      data.act(user, data.item(id, { attributes: (attributes[id] ?? []).map(String) }), place - ids.length);
    });
  }
  return data.finish();
}

async function readPairs(name: string, path: string): Promise<SequenceData> {
  const data = collector(name, { attributes: categories });
  const sequences = new Map<string, string[]>();
  for (const line of await linesOf(path)) {
    const [user = '', id = ''] = line.split(' ');
    const ids = sequences.get(user);
    if (ids === undefined) sequences.set(user, [id]);
    else ids.push(id);
  }
  for (const [user, ids] of sequences) {
    for (const [place, id] of ids.entries()) data.act(user, data.item(id), place - ids.length);
  }
  return data.finish();
}
