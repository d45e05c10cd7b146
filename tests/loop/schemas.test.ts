import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, makeShop, type Shop, serveShop, until } from '../e2e/harness.ts';

let shop: Shop;
let client: Client;
beforeAll(async () => {
  shop = await makeShop({ items: 60, users: 20 });
  await shop.command('build-index');
  client = await serveShop(shop);
});
afterAll(async () => {
  await client?.close();
  await shop?.remove();
});

/** A command as another process runs it beside the service. */
function command(...args: readonly string[]): Promise<{ code: number; output: string }> {
  const script = ['--import', 'tsx', 'online/main.ts', ...args, '--config', shop.config, '--workspace', shop.workspace];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, script, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}

const click = (id: string, schemaVersion: number, payload: object) =>
  client.send('POST', '/events', { events: [{ id, type: 'click', schemaVersion, occurredAt: Date.now(), payload }] });

const schema = async (name: string, required: readonly string[]): Promise<string> => {
  const path = join(shop.folder, name);
  const text = { type: 'string', minLength: 1 };
  const properties = { userId: text, itemId: text, page: text, value: { type: 'number' } };
  await writeFile(path, JSON.stringify({ type: 'object', required, properties }));
  return path;
};

test('schema first, then producer: one that is too early is invalid and can be replayed; one that waited is not', {
  timeout: 180_000,
}, async () => {
  const incompatible = await schema('click.v2.json', ['itemId', 'page']);
  const refused = await command('schemas', 'check', incompatible);
  expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('payload.page: became required') });
  expect(await command('schemas', 'push', incompatible)).toMatchObject({ code: 1 });
  expect(await command('schemas', 'wait', 'click@2', '--timeout', '1')).toMatchObject({
    code: 1,
    output: expect.stringContaining('click@2 is not registered after 1 s'),
  });

  expect((await click('early', 2, { userId: 'u2', itemId: 'i1', page: 'home' })).status).toBe(202);
  const invalid = await until(
    () => client.get('/pipeline/invalid'),
    ({ body }) => JSON.stringify(body).includes('early'),
  );
  expect(invalid.body).toMatchObject({ records: [{ reason: 'unknown-schema', event: { id: 'early' }, attempts: 1 }] });

  // The producer's deployment waits, and goes on the moment the schema is there.
  const waiting = command('schemas', 'wait', 'click@2', '--timeout', '60').then(async (waited) => {
    expect(waited).toMatchObject({ code: 0, output: expect.stringContaining('click@2 is registered') });
    return click('in-time', 2, { userId: 'u4', itemId: 'i3', page: 'home' });
  });
  const compatible = await schema('click.v2.json', ['itemId']);
  expect(await command('schemas', 'check', compatible)).toMatchObject({ code: 0 });
  expect(await command('schemas', 'push', compatible)).toMatchObject({ code: 0 });
  expect((await waiting).status).toBe(202);
  const inTime = await until(
    () => client.get('/users/u4'),
    ({ body }) => JSON.stringify(body).includes('"itemId":"i3"'),
  );
  expect(JSON.stringify(inTime.body)).toContain('"itemId":"i3"');

  // What was too early goes through now, once, as often as it is asked for.
  const early = ['replay', '--from', 'invalid', '--filter', 'reason == "unknown-schema" && event.payload.page == "home"'];
  expect(await command('replay', '--from', 'invalid', '--filter', 'nonsense(')).toMatchObject({ code: 1 });
  expect((await command(...early)).output).toContain('1 sent again of 1: 0 had been sent before');
  expect((await command(...early)).output).toContain('0 sent again of 1: 1 had been sent before');
  const replayed = await until(
    () => client.get('/users/u2'),
    ({ body }) => JSON.stringify(body).includes('"itemId":"i1"'),
  );
  const times = JSON.stringify(replayed.body).split('"itemId":"i1"').length - 1;
  expect(times).toBe(1);
  expect((await client.get('/pipeline')).body).toMatchObject({
    invalid: [{ reason: 'unknown-schema', count: 1 }],
    deadLetters: [],
    groups: [
      { group: 'enricher', topic: 'raw-events', lag: 0 },
      { group: 'updater', topic: 'enriched-events', lag: 0 },
      { group: 'updater', topic: 'catalogue', lag: 0 },
    ],
  });
});

test('an action on an item nobody knows is a dead letter, which the API shows and replays once the item is there', async () => {
  expect((await click('unknown', 1, { userId: 'u6', itemId: 'new1' })).status).toBe(202);
  const dead = await until(
    () => client.get('/pipeline/dead-letter'),
    ({ body }) => JSON.stringify(body).includes('unknown'),
  );
  expect(dead.body).toMatchObject({
    records: [
      { reason: 'unknown-item', origin: { topic: 'raw-events', partition: 0 }, attempts: 1, divertedAt: expect.any(Number) },
    ],
  });
  expect((await client.send('PUT', '/items/new1', { title: 'New', genre: 'jazz', year: 2000 })).status).toBe(201);
  const filter = 'event.payload.itemId == "new1" && attempts < 3';
  expect((await client.send('POST', '/pipeline/dead-letter:replay', { filter })).body).toMatchObject({ sent: 1, already: 0 });
  expect((await client.send('POST', '/pipeline/dead-letter:replay', { filter })).body).toMatchObject({ sent: 0, already: 1 });
  const user = await until(
    () => client.get('/users/u6'),
    ({ body }) => JSON.stringify(body).includes('new1'),
  );
  expect(JSON.stringify(user.body)).toContain('new1');
});
