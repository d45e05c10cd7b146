import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { openTables } from '../../src/adapters/duckdb/tables.ts';
import { MemoryEventLog } from '../../src/adapters/memory/eventLog.ts';
import { MemoryFeatureStore } from '../../src/adapters/memory/featureStore.ts';
import { silentProgress } from '../../src/cli/progress.ts';
import { loadConfig } from '../../src/config/load.ts';
import { importDataset } from '../stages/importDataset.ts';
import { importFormatCommand } from './importFormat.ts';

describe('import-format', () => {
  let from = '';
  let to = '';
  beforeEach(async () => {
    from = await mkdtemp(join(tmpdir(), 'winnow-from-'));
    to = join(await mkdtemp(join(tmpdir(), 'winnow-to-')), 'new');
  });
  const convert = async (format: string, path: string, options: object = {}) => {
    const command = importFormatCommand();
    const context = {
      configPath: undefined,
      workspace: undefined,
      loadConfig: () => loadConfig({ env: {} }),
      signal: new AbortController().signal,
      stage: async (_title: string, work: (progress: typeof silentProgress) => Promise<unknown>) => {
        await work(silentProgress);
      },
      print: () => {},
    };
    await command.run(context, command.options.parse({ format, from: path, to, ...options }));
    return readFile(join(to, 'events.csv'), 'utf8');
  };
  const importAll = async () => {
    const config = await loadConfig({ config: join(to, 'winnow.yaml'), workspace: join(to, 'data'), env: {} });
    const tables = await openTables();
    const [log, store] = [new MemoryEventLog(), new MemoryFeatureStore()];
    const report = await importDataset({ config, log, store, tables, clock: Date.now, progress: silentProgress });
    await tables.close();
    return report;
  };

  it('reads MovieLens 1M', async () => {
    await writeFile(
      join(from, 'movies.dat'),
      Buffer.from("1::Toy Story (1995)::Animation|Children's\n2::Misérables, Les (1995)::Drama\n", 'latin1'),
    );
    await writeFile(join(from, 'users.dat'), '1::F::1::10::48067\n2::M::56::16::70072\n');
    await writeFile(join(from, 'ratings.dat'), '1::1::5::978300760\n1::2::3::978302109\n2::2::3::978301968\n');
    await convert('movielens-1m', from);
    expect(await readFile(join(to, 'items.csv'), 'utf8')).toBe(
      'item_id,title,year,genres\n1,Toy Story (1995),1995,Animation|Children\'s\n2,"Misérables, Les (1995)",1995,Drama\n',
    );
    expect(await importAll()).toMatchObject({ items: 2, users: 2, events: 3, rejected: 0 });
  });

  it('reads MovieLens 1M in UTF-8, with a byte order mark, as well', async () => {
    await writeFile(join(from, 'movies.dat'), '\ufeff1::Misérables, Les (1995)::Drama\r\n');
    await writeFile(join(from, 'users.dat'), '\ufeff1::F::1::10::48067\r\n');
    await writeFile(join(from, 'ratings.dat'), '\ufeff1::1::5::978300760\r\n');
    const events = await convert('movielens-1m', from);
    expect(events).toBe('user_id,item_id,rating,timestamp\n1,1,5,978300760\n');
    expect(await readFile(join(to, 'items.csv'), 'utf8')).toBe(
      'item_id,title,year,genres\n1,"Misérables, Les (1995)",1995,Drama\n',
    );
  });

  it('reads MovieLens as CSV with a byte order mark, CRLF and quoted line ends', async () => {
    await writeFile(join(from, 'movies.csv'), '\ufeffmovieId,title,genres\r\n1,"A ""b""\r\nc (1990)",Drama\r\n');
    await writeFile(join(from, 'ratings.csv'), '\ufeffuserId,movieId,rating,timestamp\r\n7,1,3.5,978300760\r\n');
    expect(await convert('movielens', from)).toBe('user_id,item_id,rating,timestamp\n7,1,3.5,978300760\n');
    expect(await importAll()).toMatchObject({ items: 1, events: 1, rejected: 0 });
  });

  it('leaves an earlier conversion as it was where the new one fails', async () => {
    await writeFile(join(from, 'movies.csv'), 'movieId,title,genres\n1,Old,Drama\n');
    await writeFile(join(from, 'ratings.csv'), 'userId,movieId,rating,timestamp\n7,1,3.5,978300760\n');
    await convert('movielens', from);
    const before = await readFile(join(to, 'items.csv'), 'utf8');
    await writeFile(join(from, 'movies.csv'), 'movieId,title,genres\n1,New,Drama\n');
    await writeFile(join(from, 'ratings.csv'), 'userId,movieId,rating,timestamp\n7,1,3.5,978300760\n7,1\n');
    await expect(convert('movielens', from, { force: true })).rejects.toThrow('ratings.csv:3: expected the columns');
    expect(await readFile(join(to, 'items.csv'), 'utf8')).toBe(before);
    expect(await readdir(to)).toEqual(['events.csv', 'items.csv', 'winnow.yaml']);
  });

  it('reads sequences, with attributes where they are there', async () => {
    await writeFile(join(from, 's.txt'), 'u1 a b c\nu2 b\n');
    await writeFile(join(from, 'item2attributes.json'), '{"a":[1,2],"c":["x"]}');
    expect(await convert('sequences', join(from, 's.txt'))).toBe(
      'user_id,item_id,timestamp\nu1,a,946684800\nu1,b,946771200\nu1,c,946857600\nu2,b,946857600\n',
    );
    expect(await readFile(join(to, 'items.csv'), 'utf8')).toBe('item_id,name,attributes\na,a,1|2\nb,b,\nc,c,x\n');
    expect(await importAll()).toMatchObject({ items: 3, events: 4, rejected: 0 });
  });

  it.each([
    ['sequences', (ids: string[]) => `u1 ${ids.join(' ')}\nu2 x y\nu1 last\n`],
    ['user-item', (ids: string[]) => `${ids.map((id) => `u1 ${id}`).join('\n')}\nu2 x\nu2 y\nu1 last\n`],
  ])('has room before today for the longest of %s, and goes on where a user comes again', async (format, text) => {
    const ids = Array.from({ length: 20_000 }, (_, i) => `i${i % 10}`);
    await writeFile(join(from, 'long.txt'), text(ids));
    const rows = (await convert(format, join(from, 'long.txt'))).trim().split('\n').slice(1);
    const times = rows.filter((row) => row.startsWith('u1,')).map((row) => Number(row.split(',')[2]));
    expect(times.every((time, i) => i === 0 || time > times[i - 1]!)).toBe(true);
    expect(await importAll()).toMatchObject({ items: 13, events: 20_003, rejected: 0 });
  });

  it('reads attributes under the name that S3-Rec gives them, each for its own file', async () => {
    await writeFile(join(from, 'Beauty.txt'), 'u1 a\n');
    await writeFile(join(from, 'Beauty_item2attributes.json'), '{"a":["cream"]}');
    await writeFile(join(from, 'item2attributes.json'), '{"a":["other"]}');
    await convert('sequences', join(from, 'Beauty.txt'));
    expect(await readFile(join(to, 'items.csv'), 'utf8')).toBe('item_id,name,attributes\na,a,cream\n');
  });

  it('takes no ids whose bytes it cannot read', async () => {
    await writeFile(join(from, 's.txt'), Buffer.from('u1 a\nu2 caf\xe9 caf\xe8\n', 'latin1'));
    await expect(convert('sequences', join(from, 's.txt'))).rejects.toThrow('s.txt:2: is not valid UTF-8');
  });

  it('reads pairs', async () => {
    await writeFile(join(from, 'p.txt'), '1 10\n2 11\n1 11\n');
    expect(await convert('user-item', join(from, 'p.txt'))).toBe(
      'user_id,item_id,timestamp\n1,10,946684800\n2,11,946771200\n1,11,946771200\n',
    );
    expect(await importAll()).toMatchObject({ items: 2, events: 3, rejected: 0 });
  });

  it('names file and line of what does not fit, leaves nothing half-written, replaces nothing unasked', async () => {
    await writeFile(join(from, 'p.txt'), '1 10\n2\n');
    await expect(convert('user-item', join(from, 'p.txt'))).rejects.toThrow('p.txt:2: expected a user and an item');
    expect(await readdir(to)).toEqual([]);
    await expect(convert('movielens', from)).rejects.toThrow('movies.csv: there is no such file');
    await expect(convert('netflix', from)).rejects.toThrow('expected one of movielens, movielens-1m, sequences, user-item');
    await writeFile(join(from, 'p.txt'), '1 10\n');
    await convert('user-item', join(from, 'p.txt'));
    await expect(convert('user-item', join(from, 'p.txt'))).rejects.toThrow('is there already; --force replaces it');
    await convert('user-item', join(from, 'p.txt'), { force: true });
  });

  const shared = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
  it.each([
    ['movielens', 'ml-latest-small', { items: 9742, events: 100_836, rejected: 0 }],
    ['sequences', 'amazon-toys-s3rec/sequences.txt', { items: 11_924, events: 167_597, rejected: 0 }],
  ])('reads %s of %s', async (format, path, expected) => {
    if (!existsSync(join(shared, path))) return console.warn(`not run: ../shared/data/${path} is absent`);
    await convert(format, join(shared, path));
    expect(await importAll()).toMatchObject(expected);
  });
});
