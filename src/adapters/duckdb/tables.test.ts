import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../domain/random.ts';
import type { SortableEvent, SortedEvent } from '../../ports/tables.ts';
import { openTables } from './tables.ts';

describe('tables', () => {
  let folder = '';
  let tables: Awaited<ReturnType<typeof openTables>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-tables-'));
    tables = await openTables({ temporaryFolder: join(folder, 'spill') });
  });
  afterAll(() => tables.close());
  const file = async (name: string, content: string | Buffer) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  const read = async (path: string, columns: string[]) => {
    const rows = [];
    const unreadable = [];
    for await (const batch of tables.read(path, columns)) {
      rows.push(...batch.rows);
      unreadable.push(...batch.unreadable);
    }
    return { rows, unreadable };
  };

  it.each([
    ['plain.csv', 'id,n\n007,1e5\n"a,b", x \n'],
    ['windows.csv', '\ufeffid;n\r\n007;1e5\r\n"a,b"; x \r\n'],
    ['tabs.tsv', 'id\tn\n007\t1e5\na,b\t x \n'],
    ['lines.ndjson', '{"id":"007","n":"1e5"}\n{"n":" x ","id":"a,b","more":[]}\n'],
  ])('reads %s with its ids as they stand', async (name, text) => {
    for (const path of [await file(name, text), await file(`${name}.gz`, gzipSync(text))]) {
      expect((await tables.columns(path)).slice(0, 2)).toEqual(['id', 'n']);
      const { rows, unreadable } = await read(path, ['n', 'id']);
      expect(rows.map(({ cells }) => cells)).toEqual([
        ['1e5', '007'],
        [' x ', 'a,b'],
      ]);
      expect(unreadable).toEqual([]);
    }
  });

  it('reads Parquet: numbers, long ids, lists, times and what is missing', async () => {
    const path = join(folder, 'table.parquet');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`COPY (
      SELECT * FROM (VALUES
        ('007', 12345678901234567::BIGINT, ['a', 'b'], TIMESTAMP '2024-05-01 12:30:00', 0.5::DOUBLE, DATE '2024-05-01', true),
        ('1e5', NULL, NULL, NULL, NULL, NULL, NULL)
      ) AS t(id, n, tags, "at", x, "day", yes)) TO '${path}' (FORMAT parquet)`);
    connection.closeSync();
    expect(await tables.columns(path)).toEqual(['id', 'n', 'tags', 'at', 'x', 'day', 'yes']);
    const { rows } = await read(path, ['id', 'n', 'tags', 'at', 'x', 'day', 'yes']);
    expect(rows).toEqual([
      { line: 1, cells: ['007', '12345678901234567', ['a', 'b'], '2024-05-01T12:30:00.000Z', '0.5', '2024-05-01', 'true'] },
      { line: 2, cells: ['1e5', undefined, undefined, undefined, undefined, undefined, undefined] },
    ]);
  });

  it('says of rows that cannot be read where they are and why', async () => {
    const { rows, unreadable } = await read(await file('bad.csv', 'a,b\n1,2,3\n4,5\n"6\n'), ['b']);
    expect(rows).toEqual([{ line: 3, cells: ['5'] }]);
    expect(unreadable).toEqual([
      { line: 2, reason: 'has 3 fields, expected 2 as in the header', text: '1 | 2 | 3' },
      { line: 4, reason: 'has a quote that is not closed', text: '"6' },
    ]);
  });

  it.each([
    ['empty.csv', '', 'expected a header line'],
    ['utf16.csv', Buffer.from('\ufeffid,n\n1,2\n', 'utf16le'), 'is UTF-16 text; expected UTF-8'],
    ['cut.csv.gz', gzipSync('id,n\n1,2\n').subarray(0, 20), 'is not a whole gzip file'],
    ['not.csv.gz', 'id,n\n', 'is not a whole gzip file'],
    ['text.parquet', 'id,n\n', 'not a readable Parquet file'],
    ['other.xlsx', 'PK', 'expected a file that ends in .csv'],
    ['twice.csv', 'id,id\n1,2\n', 'the column "id" is there twice'],
    ['few.ndjson', '{"idd":1}\n{"n":2}\n', 'there is no column "id", did you mean "idd"? Its columns are idd, n'],
    ['few.csv', 'idd,n\n1,2\n', 'there is no column "id", did you mean "idd"? Its columns are idd, n'],
  ])('refuses %s by name', async (name, content, message) => {
    const path = await file(name, content);
    await expect(read(path, ['id'])).rejects.toThrow(`${path}: `);
    await expect(read(path, ['id'])).rejects.toThrow(message);
  });

  it('refuses what is not there', async () => {
    await expect(read(join(folder, 'none.csv'), ['id'])).rejects.toThrow('none.csv: there is no such file');
    await expect(read(folder, ['id'])).rejects.toThrow('is a folder');
  });

  it('sorts events by time, equal times as in the file, beyond its memory', async () => {
    const small = await openTables({ temporaryFolder: join(folder, 'small'), sortRunLength: 10_000 });
    const sorter = await small.sorter();
    const random = seededRandom(7);
    const events = Array.from(
      { length: 300_000 },
      (_, i): SortableEvent => ({
        time: Math.floor(random() * 1000),
        user: `user-${i}`,
        session: null,
        item: `item-${i}-${'x'.repeat(50)}`,
        type: 'click',
        value: i,
        request: null,
        position: null,
      }),
    );
    for (let i = 0; i < events.length; i += 7777) await sorter.add(events.slice(i, i + 7777));
    const sorted: SortedEvent[] = [];
    for await (const batch of sorter.sorted()) sorted.push(...batch);
    await sorter.close();
    await small.close();
    const expected = [...events].sort((a, b) => a.time - b.time);
    expect(sorted.length).toBe(events.length);
    expect(sorted.every((event, i) => event.kind === 'action' && event.event.value === expected[i]?.value)).toBe(true);
    expect(await readdir(join(folder, 'small'))).toEqual([]);
  });

  it.each([100, 7])('puts the rows of a list together wherever they stand, with runs of %i', async (sortRunLength) => {
    const small = await openTables({ temporaryFolder: join(folder, 'lists'), sortRunLength });
    const sorter = await small.sorter();
    const random = seededRandom(3);
    const rows = Array.from({ length: 60 }, (_, i): SortableEvent => {
      const list = i % 6;
      return {
        time: 1000 + list * 10 + (i % 5),
        user: `u${list % 2}`,
        session: null,
        item: `i${i}`,
        type: 'impression',
        value: null,
        request: `r${list}`,
        position: Math.floor(i / 6),
      };
    }).sort(() => random() - 0.5);
    await sorter.add(rows);
    await sorter.add([
      { time: 1, user: 'u', session: null, item: 'first', type: 'click', value: null, request: null, position: 0 },
    ]);
    const sorted: SortedEvent[] = [];
    for await (const batch of sorter.sorted()) sorted.push(...batch);
    await sorter.close();
    await small.close();
    expect(sorted[0]).toMatchObject({ kind: 'action', event: { item: 'first', position: 1 } });
    expect(sorted.slice(1)).toMatchObject(
      Array.from({ length: 6 }, (_, list) => ({
        kind: 'shown',
        request: `r${list}`,
        time: 1000 + list * 10,
        items: Array.from({ length: 10 }, (_entry, i) => ({ id: `i${i * 6 + list}`, position: i + 1 })),
      })),
    );
  });
});
