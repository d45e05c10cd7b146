import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
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
import { initCommand } from './init.ts';

const command = initCommand(async (work) => {
  const tables = await openTables();
  try {
    return await work(tables);
  } finally {
    await tables.close();
  }
});

describe('init', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-init-'));
  });
  const write = async (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  };
  const run = async (options: Record<string, string | boolean>) => {
    const configPath = join(folder, 'winnow.yaml');
    const files = Object.fromEntries(
      Object.entries(options).map(([name, value]) => [
        name,
        ['items', 'events', 'users'].includes(name) ? join(folder, String(value)) : value,
      ]),
    );
    const printed: string[] = [];
    const context = {
      configPath,
      workspace: undefined,
      loadConfig: () => loadConfig({ config: configPath, env: {} }),
      signal: new AbortController().signal,
      stage: async () => {},
      print: (line: string) => printed.push(line),
    };
    await command.run(context, command.options.parse(files));
    return loadConfig({ config: configPath, workspace: join(folder, 'data'), env: {} });
  };
  const rows = (count: number, row: (i: number) => string) => `${Array.from({ length: count }, (_, i) => row(i)).join('\n')}\n`;

  const SHOP = {
    'items.csv': `sku;Product Name;Brand;labels;price;in_stock;added;zip;image;blurb;empty\n${rows(40, (i) =>
      [
        `0${i}`,
        `Lamp no. ${i}`,
        `brand${i % 4}`,
        i % 2 ? 'red|small' : 'blue|large',
        `${i}.5`,
        i % 2 ? 'true' : 'false',
        '2024-05-01',
        `0123${i % 3}`,
        `https://x/${i}`,
        `A text that is about lamp ${i} and nothing else, ${'word '.repeat(i)}`,
        '',
      ].join(';'),
    )}`,
    'events.csv': `when,customerId,product,action,stars,sessionId,rank\n${rows(30, (i) => `2024-05-01T10:00:00Z,c${i % 5},0${i},${['view', 'impression', 'purchase'][i % 3]},${i % 5},s${i},${i}`)}`,
    'users.csv': `customerId,age,plan\n${rows(6, (i) => `c${i},${20 + i},${i % 2 ? 'free' : 'paid'}`)}`,
  };

  it('takes a log that has sessions and no users', async () => {
    const events = `when,product,sessionId\n${rows(30, (i) => `2024-05-01T10:00:00Z,0${i},s${i % 5}`)}`;
    await write({ ...SHOP, 'events.csv': events });
    const { dataset } = await run({ items: 'items.csv', events: 'events.csv' });
    expect(dataset.events).toMatchObject({ item: 'product', session: 'sessionId', time: { column: 'when' } });
    expect(dataset.events).not.toHaveProperty('user');
  });

  it('finds ids, types, separators, roles and event types', async () => {
    await write(SHOP);
    const { dataset, fields, userFields, eventTypes } = await run({
      items: 'items.csv',
      events: 'events.csv',
      users: 'users.csv',
    });
    expect(dataset).toMatchObject({
      items: { source: join(folder, 'items.csv'), id: 'sku' },
      users: { id: 'customerId' },
      events: {
        user: 'customerId',
        item: 'product',
        type: 'action',
        value: 'stars',
        session: 'sessionId',
        position: 'rank',
        time: { column: 'when', unit: 'iso' },
      },
    });
    expect(fields).toEqual({
      Product_Name: { type: 'text', column: 'Product Name', facet: false, searchBoost: 3 },
      Brand: { type: 'category', facet: true, searchBoost: 0.5 },
      labels: { type: 'categories', separator: '|', facet: true, searchBoost: 0.5 },
      price: { type: 'number', facet: true },
      in_stock: { type: 'boolean', facet: false },
      added: { type: 'date', facet: false },
      zip: { type: 'category', facet: true, searchBoost: 0.5 },
      blurb: { type: 'text', facet: false, searchBoost: 1 },
    });
    expect(userFields).toMatchObject({ age: { type: 'number' }, plan: { type: 'category' } });
    expect(eventTypes).toEqual({ view: { weight: 0.2 }, purchase: { weight: 5 } });
  });

  it('writes no field that the import would refuse: Amazon’s JSON lines', async () => {
    const item = (i: number) => ({
      asin: `B${i}`,
      title: `Soap no. ${i}`,
      categories: [['Beauty', i % 2 ? 'Hair' : 'Skin']],
      related: { also_bought: ['B1'] },
      feature: i % 3 === 0 ? 'mild' : ['soft', 'mild'],
    });
    const review = (i: number) => ({
      reviewerID: `A${i % 7}`,
      asin: `B${i % 40}`,
      overall: 5,
      unixReviewTime: 1_400_000_000 + i,
    });
    await write({
      'meta.json': rows(40, (i) => JSON.stringify(item(i))),
      'reviews.json': rows(80, (i) => JSON.stringify(review(i))),
    });
    const config = await run({ items: 'meta.json', events: 'reviews.json' });
    expect(config.dataset).toMatchObject({
      items: { id: 'asin' },
      events: { user: 'reviewerID', item: 'asin', time: { unit: 's' } },
    });
    expect(Object.keys(config.fields)).toEqual(['title', 'categories', 'feature']);
    expect(await readFile(join(folder, 'winnow.yaml'), 'utf8')).toContain('# related: no field, because of values such as');
    const tables = await openTables();
    const [log, store] = [new MemoryEventLog(), new MemoryFeatureStore()];
    const imported = await importDataset({ config, log, store, tables, clock: Date.now, progress: silentProgress });
    await tables.close();
    expect(imported).toMatchObject({ items: 40, events: 80, rejected: 0 });
  });

  it('does not replace a file unless told to', async () => {
    await write({ ...SHOP, 'winnow.yaml': 'mine' });
    await expect(run({ items: 'items.csv' })).rejects.toThrow('is there already; --force replaces it');
    expect(await readFile(join(folder, 'winnow.yaml'), 'utf8')).toBe('mine');
    expect((await run({ items: 'items.csv', force: true })).dataset.events).toBeUndefined();
  });

  it('says what it cannot tell, and takes it from the caller', async () => {
    await write({ 'items.csv': 'a,b\n1,x\n1,y\n', 'events.csv': 'user,item,time\nu,1,2024-01-01\n' });
    await expect(run({ items: 'items.csv' })).rejects.toThrow('name it with --item-id. The columns are a, b');
    expect((await run({ items: 'items.csv', itemId: 'b' })).dataset.items.id).toBe('b');
    await expect(run({ items: 'items.csv', itemId: 'b', events: 'events.csv', force: true })).rejects.toThrow(
      'no column looks like the item',
    );
    await expect(run({ items: 'items.csv', itemId: 'c', force: true })).rejects.toThrow('--item-id c: ');
    await expect(run({})).rejects.toThrow('--items items.csv');
    await write({ 'literal.json': "{'asin': 'B1'}\n" });
    await expect(run({ items: 'literal.json', force: true })).rejects.toThrow('literal.json: line 1 is not valid JSON');
  });

  const movielens = fileURLToPath(new URL('../../../shared/data/ml-latest-small/', import.meta.url));
  it('understands MovieLens as it comes', async ({ skip }) => {
    if (!existsSync(movielens)) {
      console.warn('not run: ../shared/data/ml-latest-small is absent');
      return skip();
    }
    for (const name of ['movies.csv', 'ratings.csv']) await copyFile(join(movielens, name), join(folder, name));
    const { dataset, fields } = await run({ items: 'movies.csv', events: 'ratings.csv' });
    expect(dataset.items.id).toBe('movieId');
    expect(dataset.events).toMatchObject({
      user: 'userId',
      item: 'movieId',
      time: { column: 'timestamp', unit: 's' },
      value: 'rating',
    });
    expect(fields).toMatchObject({
      title: { type: 'text', searchBoost: 3 },
      genres: { type: 'categories', separator: '|', facet: true },
    });
  });
});
