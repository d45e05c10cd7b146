import { join } from 'node:path';
import { CsvReader } from '../../src/dataset/csv.ts';
import { UserError } from '../../src/domain/errors.ts';
import { type Format, lines, split, yearOf } from './format.ts';
import { writeTable } from './tableWriter.ts';

const NO_GENRES = '(no genres listed)';

const config = (users: boolean): string => `# Made from MovieLens. A rating is taken for a sign of interest, whatever its stars.
dataset:
  items: { source: items.csv, id: item_id }
${users ? '  users: { source: users.csv, id: user_id }\n' : ''}  events: { source: events.csv, user: user_id, item: item_id, time: { column: timestamp, unit: s }, value: rating }
fields:
  title:  { type: text, searchBoost: 3, language: en }
  genres: { type: categories, separator: "|", facet: true }
  year:   { type: number, facet: true }
${users ? 'userFields:\n  gender:     { type: category }\n  age:        { type: number }\n  occupation: { type: category }\n' : ''}eventTypes:
  rating: { weight: 1 }
`;

/** ml-latest-small, ml-latest, ml-20m, ml-25m, ml-32m: CSV files with headers. */
export const movielens: Format = {
  name: 'movielens',
  expects: 'the unpacked folder of ml-latest-small, ml-latest, ml-20m, ml-25m or ml-32m',
  async convert(from, to) {
    const items = await writeTable(join(to, 'items.csv'), ['item_id', 'title', 'year', 'genres'], async (table) => {
      for await (const [id = '', title = '', genres = ''] of records(join(from, 'movies.csv'), ['movieId', 'title', 'genres'])) {
        await table.write([id, title, yearOf(title), genres === NO_GENRES ? '' : genres]);
      }
    });
    const events = await writeTable(join(to, 'events.csv'), ['user_id', 'item_id', 'rating', 'timestamp'], async (table) => {
      for await (const row of records(join(from, 'ratings.csv'), ['userId', 'movieId', 'rating', 'timestamp']))
        await table.write(row);
    });
    return { config: config(false), items, events };
  },
};

/** ml-1m: files with :: between the fields, in Latin-1 as published; in UTF-8 as many have them. */
export const movielens1m: Format = {
  name: 'movielens-1m',
  expects: 'the unpacked folder of ml-1m',
  async convert(from, to) {
    const [movies, users, ratings] = [join(from, 'movies.dat'), join(from, 'users.dat'), join(from, 'ratings.dat')];
    const items = await writeTable(join(to, 'items.csv'), ['item_id', 'title', 'year', 'genres'], async (table) => {
      for await (const line of lines(movies, 'latin1')) {
        const [id, title = '', genres] = split(line, '::', 3, movies);
        await table.write([id, title, yearOf(title), genres]);
      }
    });
    await writeTable(join(to, 'users.csv'), ['user_id', 'gender', 'age', 'occupation'], async (table) => {
      for await (const line of lines(users, 'latin1')) await table.write(split(line, '::', 5, users).slice(0, 4));
    });
    const events = await writeTable(join(to, 'events.csv'), ['user_id', 'item_id', 'rating', 'timestamp'], async (table) => {
      for await (const line of lines(ratings, 'latin1')) await table.write(split(line, '::', 4, ratings));
    });
    return { config: config(true), items, events };
  },
};

/** Records of a CSV file whose header is exactly this. */
async function* records(path: string, header: readonly string[]): AsyncGenerator<readonly string[]> {
  const reader = new CsvReader(',');
  let first = true;
  for await (const { text, number } of lines(path)) {
    for (const record of reader.push(`${text}\n`)) {
      const fields = 'fields' in record ? record.fields : undefined;
      if (fields?.length !== header.length || (first && fields.join() !== header.join())) {
        throw new UserError(`${path}:${number}: expected the columns ${header.join(', ')}`);
      }
      if (!first) yield fields;
      first = false;
    }
  }
}
