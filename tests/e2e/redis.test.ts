import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, makeShop, type Shop, serveShop, until } from './harness.ts';

const PORT = 26_400;
const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'services', 'redis.sh');

/** The same way through with the features in a real Redis. */
describe('on Redis', () => {
  let shop: Shop | undefined;
  let client: Client | undefined;
  let folder = '';

  const redis = (command: 'start' | 'stop') =>
    execFileSync('bash', [SCRIPT, command, folder, String(PORT)], { stdio: 'inherit' });

  beforeAll(async () => {
    shop = await makeShop({ items: 60, users: 20, extra: `store: { kind: redis, url: "redis://127.0.0.1:${PORT}" }\n` });
    folder = join(shop.folder, 'redis');
    redis('start');
    await shop.command('build-index');
    client = await serveShop(shop);
  });
  afterAll(async () => {
    await client?.close();
    if (folder !== '') redis('stop');
    await shop?.remove();
  });

  it('recommends, takes a click, and recommends something else', async () => {
    if (client === undefined) throw new Error('not started');
    const service = client;
    expect((await service.get('/users/u2')).body).toMatchObject({ fields: { age: 22 } });
    const before = await service.list('/recommend?userId=u2&limit=5');
    expect(before.degraded).toEqual([]);
    const clicked = before.items[0]?.id ?? '';
    const payload = { userId: 'u2', itemId: clicked, requestId: before.requestId, position: 1 };
    const event = { id: 'r-1', type: 'click', schemaVersion: 1, occurredAt: Date.now(), payload };
    expect((await service.send('POST', '/events', { events: [event] })).status).toBe(202);
    const after = await until(
      () => service.list('/recommend?userId=u2&limit=5'),
      ({ items }) => items.every(({ id }) => id !== clicked),
    );
    expect(after.items.map(({ id }) => id)).not.toContain(clicked);
  });

  it('serves on, and says so, when Redis is gone, and policies then know nobody', async () => {
    redis('stop');
    const list = await client?.list('/recommend?userId=u4&limit=50');
    expect(list?.items.length).toBeGreaterThan(0);
    expect(list?.degraded).toContain('store');
    expect(list?.items.filter(({ fields }) => fields['genre'] === 'metal')).toEqual([]);
    // What the log has is no failure: it is stored once Redis is back.
    expect((await client?.send('PUT', '/users/u4', { age: 33 }))?.status).toBe(202);
    expect((await client?.send('DELETE', '/users/u5'))?.status).toBe(202);
    expect((await client?.get('/users/u4'))?.status).toBe(503);
    redis('start');
    const service = client;
    if (service === undefined) throw new Error('not started');
    const stored = await until(
      () => service.get('/users/u4'),
      ({ body }) => JSON.stringify(body).includes('"age":33'),
      20_000,
    );
    expect(stored.body).toMatchObject({ fields: { age: 33 } });
    expect((await service.get('/users/u5')).status).toBe(404);
  });
});
