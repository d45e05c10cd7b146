import { access, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTables } from '../../src/adapters/duckdb/tables.ts';
import { MemoryEventLog } from '../../src/adapters/memory/eventLog.ts';
import { MemoryFeatureStore } from '../../src/adapters/memory/featureStore.ts';
import { silentProgress } from '../../src/cli/progress.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Topic } from '../../src/ports/eventLog.ts';
import { readJudgments } from '../dataset/judgments.ts';
import { importDataset } from './importDataset.ts';

const CONFIG = `
dataset:
  items: { source: items.csv, id: id }
  users: { source: users.csv, id: id }
  events: { source: events.csv, user: user, session: session, item: item, time: time, type: type, request: request, position: position, value: value }
  maxRejects: 0.6
fields:
  title: { type: text }
  tags: { type: categories }
userFields:
  age: { type: number }
eventTypes: { click: { weight: 1 }, purchase: { weight: 5 } }
`;
const ITEMS = 'id,title,tags\n007,Bond,a|b\n1e5,"Numbers, and ""quotes""",\nx,,c\n';
const USERS = 'id,age\nann,12\nbob,\n';
const HEADER = 'user,session,item,time,type,request,position,value\n';
const EVENTS = `${HEADER}ann,,007,3000,click,r1,1,
ann,,007,1000,impression,r1,1,
ann,,1e5,1000,impression,r1,2,
,s1,x,2000,purchase,,,9.5
bob,,x,2000,click,,,
bob,,x,2000,click,,,
`;

describe('importDataset', () => {
  let tables: Awaited<ReturnType<typeof openTables>>;
  let folder = '';
  let log = new MemoryEventLog();
  let store = new MemoryFeatureStore();
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-import-'));
    log = new MemoryEventLog();
    store = new MemoryFeatureStore();
    await write({ 'winnow.yaml': CONFIG, 'items.csv': ITEMS, 'users.csv': USERS, 'events.csv': EVENTS });
  });
  const write = async (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  };
  const config = () => loadConfig({ config: join(folder, 'winnow.yaml'), workspace: join(folder, 'data'), env: {} });
  const run = async () => {
    const clock = () => Date.UTC(2026, 0);
    return importDataset({ config: await config(), log, store, tables, clock, progress: silentProgress });
  };
  const records = async (topic: Topic) => {
    const values = [];
    for await (const batch of log.read(topic)) values.push(...batch);
    return values;
  };
  const rejects = async (name: string) =>
    (await readFile(join(folder, 'data', 'rejects', `${name}.ndjson`), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('brings items, users and events into the log: ids as they are, events by time, a shown list as one record', async () => {
    expect(await run()).toEqual({ items: 3, users: 2, changes: 5, events: 5, skipped: 0, rejected: 0, unchanged: false });
    const catalogue = await records('catalogue');
    expect(catalogue.map(({ key, value }) => [key, value])).toEqual([
      ['item:007', { kind: 'item.put', item: { id: '007', fields: { title: 'Bond', tags: ['a', 'b'] } }, origin: 'import' }],
      ['item:1e5', { kind: 'item.put', item: { id: '1e5', fields: { title: 'Numbers, and "quotes"' } }, origin: 'import' }],
      ['item:x', { kind: 'item.put', item: { id: 'x', fields: { tags: ['c'] } }, origin: 'import' }],
      ['user:ann', { kind: 'user.put', user: { id: 'ann', fields: { age: 12 } }, origin: 'import' }],
      ['user:bob', { kind: 'user.put', user: { id: 'bob', fields: {} }, origin: 'import' }],
    ]);
    const events = await records('enriched-events');
    expect(events.map(({ key, value }) => [key, value])).toMatchObject([
      [
        'user:ann',
        {
          kind: 'impression',
          occurredAt: 1000,
          requestId: 'r1',
          items: [
            { id: '007', position: 1 },
            { id: '1e5', position: 2 },
          ],
        },
      ],
      ['session:s1', { kind: 'action', type: 'purchase', sessionId: 's1', itemId: 'x', value: 9.5, occurredAt: 2000 }],
      ['user:bob', { kind: 'action', type: 'click', userId: 'bob', itemId: 'x' }],
      ['user:bob', { kind: 'action', type: 'click', userId: 'bob', itemId: 'x' }],
      ['user:ann', { kind: 'action', itemId: '007', requestId: 'r1', position: 1, occurredAt: 3000 }],
    ]);
    expect(new Set(events.map(({ value }) => JSON.stringify(value))).size).toBe(5);
  });

  it('changes nothing when it runs again, also where the last run died before it was recorded', async () => {
    await run();
    expect(await run()).toMatchObject({ unchanged: true, items: 3, users: 2 });
    store = new MemoryFeatureStore();
    expect(await run()).toMatchObject({ unchanged: false, changes: 0, events: 0, skipped: 5 });
    log = new MemoryEventLog();
    expect(await run()).toMatchObject({ changes: 5, events: 5 });
  });

  it('appends only what is new in files that grew, shrank or changed', async () => {
    await run();
    await write({
      'items.csv': ITEMS.replace('Bond', 'James Bond').replace('x,,c\n', 'new,Newcomer,\n'),
      'events.csv': `${EVENTS}bob,,new,500,click,,,\n`,
    });
    expect(await run()).toMatchObject({ changes: 3, events: 1, skipped: 2, rejected: 3 });
    expect((await records('catalogue')).slice(5).map(({ value }) => value)).toMatchObject([
      { kind: 'item.put', item: { id: '007' } },
      { kind: 'item.put', item: { id: 'new' } },
      { kind: 'item.delete', id: 'x', origin: 'import' },
    ]);
    expect(await rejects('events')).toMatchObject([
      { line: 5, reason: 'the item "x" is not in the catalogue' },
      { line: 6 },
      { line: 7 },
    ]);
  });

  it('leaves live changes alone', async () => {
    await run();
    const live = { kind: 'item.put', item: { id: 'live', fields: {} }, origin: 'live' };
    await log.append('catalogue', [
      { key: 'item:live', value: live },
      { key: 'item:007', value: { kind: 'item.delete', id: '007', origin: 'live' } },
      { key: 'item:x', value: { ...live, item: { id: 'x', fields: { title: 'mine' } } } },
    ]);
    await write({ 'items.csv': ITEMS.replace('x,,c\n', ''), 'events.csv': `${EVENTS}bob,,live,9000,click,,,\n` });
    expect(await run()).toMatchObject({ changes: 0, events: 1, rejected: 2 });
  });

  it('does not bring back what an erased user did', async () => {
    await run();
    await log.append('catalogue', [{ key: 'user:bob', value: { kind: 'user.delete', id: 'bob', origin: 'live' } }]);
    await log.compact('enriched-events', ({ key }) => key === 'user:bob');
    await write({ 'events.csv': `${EVENTS}ann,,x,9000,click,,,\n` });
    expect(await run()).toMatchObject({ changes: 0, events: 1, skipped: 5 });
    expect((await records('enriched-events')).filter(({ key }) => key === 'user:bob')).toEqual([]);
  });

  it('sets bad rows aside with line, reason and content', async () => {
    await write({
      'items.csv': `${ITEMS}007,again,\n,none,\nshort\n`,
      'events.csv': `${EVENTS},,x,1,click,,,\nbob,,x,soon,click,,,\nbob,,x,,click,,,\nbob,,x,1,liked,,,\nbob,,nope,1,click,,,\nbob,,x,1,impression,,,\nbob,,x,1,click,,first,\nbob,,x,99999999999999,click,,,\n`,
    });
    expect(await run()).toMatchObject({ items: 3, events: 5, rejected: 11 });
    expect((await rejects('items')).map(({ line, reason }) => [line, reason])).toEqual([
      [5, 'the id "007" is there already'],
      [6, 'the id is missing'],
      [7, 'has 1 field, expected 3 as in the header'],
    ]);
    expect((await rejects('events')).map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      '8: there is neither user nor session',
      '9: the time "soon" is not a time in ISO 8601 or milliseconds',
      '10: the time is missing',
      '11: unknown event type "liked", expected one of click, purchase, impression',
      '12: the item "nope" is not in the catalogue',
      '13: an impression needs its request',
      '14: the position "first" is not a whole number from 1',
      '15: the time lies in the future (5138-11-16); is its unit right?',
    ]);
  });

  it('stops where too many rows are bad, names the first, and appends nothing of that file', async () => {
    await write({ 'events.csv': `${HEADER}${'bob,,x,soon,click,,,\n'.repeat(9)}bob,,x,1,click,,,\n` });
    await expect(run()).rejects.toThrow(
      /events\.csv: 9 of 10 rows are bad \(90 %\), more than dataset\.maxRejects allows \(60 %\); the first is events\.csv line 2: the time "soon"/,
    );
    expect(await records('enriched-events')).toEqual([]);
    expect(await rejects('events')).toHaveLength(9);
    await write({ 'events.csv': EVENTS });
    expect(await run()).toMatchObject({ events: 5, rejected: 0 });
    await expect(access(join(folder, 'data', 'rejects', 'events.ndjson'))).rejects.toThrow();
  });

  it('names a file or a column that is not there', async () => {
    await write({ 'winnow.yaml': CONFIG.replace('users.csv', 'people.csv') });
    await expect(run()).rejects.toThrow('people.csv: there is no such file');
    await write({ 'winnow.yaml': CONFIG.replace('tags:', 'tag:') });
    await expect(run()).rejects.toThrow('items.csv: there is no column "tag", did you mean "tags"?');
  });

  it('takes a position column that counts from 0 for what it is', async () => {
    await write({
      'events.csv': EVENTS.replace(',click,r1,1,', ',click,r1,0,').replace(
        /impression,r1,(\d)/g,
        (_all, n) => `impression,r1,${n - 1}`,
      ),
    });
    await run();
    expect((await records('enriched-events'))[0]?.value).toMatchObject({ items: [{ position: 1 }, { position: 2 }] });
    expect((await records('enriched-events')).at(-1)?.value).toMatchObject({ position: 1 });
  });

  it('reads judgments', async () => {
    await write({
      'winnow.yaml': `${CONFIG}`.replace(
        '  maxRejects',
        '  judgments: { source: j.csv, query: q, item: i, grade: g }\n  maxRejects',
      ),
      'j.csv': 'q,i,g\nspy film,007,4\nspy film,1e5,0\n,x,1\nq,x,-1\nq,,2\n',
    });
    expect(await readJudgments(await config(), tables)).toEqual([
      { query: 'spy film', item: '007', grade: 4 },
      { query: 'spy film', item: '1e5', grade: 0 },
    ]);
    expect(await rejects('judgments')).toMatchObject([{ line: 4 }, { line: 5 }, { line: 6 }]);
  });
});
