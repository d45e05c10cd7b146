import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../online/compose.ts';
import { loadConfig } from '../../src/config/load.ts';
import { silentLogger } from '../../src/logging/logger.ts';
import { type Client, makeShop, type Shop, serveShop, until } from './harness.ts';

const PUT = { fields: { title: 'zanzibar blues', genre: 'jazz', year: 2024, brand: 'Dune', price: 3 } };

describe('the live catalogue', () => {
  let shop: Shop;
  let client: Client;

  beforeAll(async () => {
    shop = await makeShop({ items: 120, users: 30 });
    await shop.command('build-index');
    client = await serveShop(shop);
  });
  afterAll(async () => {
    await client?.close();
    await shop?.remove();
  });

  const finds = async (q: string, id: string) =>
    (await client.search(`/search?q=${q}&limit=20`)).items.some((item) => item.id === id);

  it('a put item is read, searched for, filtered and recommended at once', async () => {
    expect((await client.send('PUT', '/items/new', PUT)).status).toBe(201);
    expect((await client.get('/items/new')).body).toEqual({ id: 'new', ...PUT });
    expect(await finds('zanzibar', 'new')).toBe(true);
    const filtered = await client.list('/recommend?userId=u0&filter=item.year%20%3D%3D%202024');
    expect(filtered.items.map(({ id }) => id)).toEqual(['new']);
    const similar = await client.list('/items/new/similar?limit=10');
    expect(similar.items.length).toBe(10);
  });

  it('a change moves it, and a delete takes it out of every list', async () => {
    expect((await client.send('PATCH', '/items/new', { title: 'ocarina dreams', price: null })).status).toBe(200);
    expect((await client.get('/items/new')).body).toMatchObject({ fields: { title: 'ocarina dreams', genre: 'jazz' } });
    expect(await finds('ocarina', 'new')).toBe(true);
    expect((await client.send('DELETE', '/items/i7')).status).toBe(204);
    expect((await client.get('/items/i7')).status).toBe(404);
    const all = await client.search('/search?q=&limit=500&userId=u0');
    expect(all.items.map(({ id }) => id)).not.toContain('i7');
    const ranked = await client.send('POST', '/rank', { userId: 'u0', items: ['i7', 'new'] });
    expect(ranked.body).toMatchObject({ items: [{ id: 'new' }], removed: [{ id: 'i7', reason: 'unknown-item' }] });
  });

  it('changes of one item at the same time all count', async () => {
    expect((await client.send('PUT', '/items/shared', { title: 'shared' })).status).toBe(201);
    const changes = [{ year: 2001 }, { price: 3 }, { brand: 'Acme' }, { genre: 'folk' }];
    const answers = await Promise.all(changes.map((change) => client.send('PATCH', '/items/shared', change)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const fields = { title: 'shared', year: 2001, price: 3, brand: 'Acme', genre: 'folk' };
    expect((await client.get('/items/shared')).body).toEqual({ id: 'shared', fields });
  });

  it('a large batch is found by its words at once, and holds up no change after it', async () => {
    const lines = Array.from({ length: 1200 }, (_, i) => JSON.stringify({ id: `many${i}`, title: `quokka ${i}`, year: 3000 }));
    const batch = await client.send('POST', '/items:batch', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
    expect(batch.body).toMatchObject({ accepted: 1200, visibility: 'served' });
    expect((await client.search('/search?q=&userId=u0&limit=1&filter=item.year%20%3D%3D%203000')).total).toBe(1200);
    expect((await client.send('PUT', '/items/after', { title: 'wombat', genre: 'folk' })).status).toBe(201);
    expect(await finds('wombat', 'after')).toBe(true);
    expect((await client.send('DELETE', '/items/many7')).status).toBe(204);
    expect((await client.get('/items/many7')).status).toBe(404);
  });

  it('keeps both through a rebuild and the swap to its artifact, without an answer missing', async () => {
    const before = (await client.list('/recommend?userId=u0')).served.artifact;
    let asking = true;
    const failures: number[] = [];
    const load = (async () => {
      while (asking) {
        const { status } = await client.get('/recommend?userId=u1&limit=5&record=false');
        if (status !== 200) failures.push(status);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    await shop.command('build-index');
    const after = await until(
      async () => (await client.list('/recommend?userId=u0')).served.artifact,
      (artifact) => artifact !== before,
      30_000,
    );
    asking = false;
    await load;
    expect(after).not.toBe(before);
    expect(failures).toEqual([]);
    expect(await finds('ocarina', 'new')).toBe(true);
    expect((await client.get('/items/i7')).status).toBe(404);
  });

  it('shows them after a restart too', async () => {
    expect((await client.send('PUT', '/items/late', { fields: { title: 'xylophone morning', genre: 'folk' } })).status).toBe(201);
    await client.close();
    client = await serveShop(shop);
    expect(await finds('xylophone', 'late')).toBe(true);
    expect((await client.get('/items/i7')).status).toBe(404);
  });

  it('refuses a broken artifact, and says which file', async () => {
    const serving = (await client.list('/recommend?userId=u0')).served.artifact;
    await client.close();
    const folder = join(shop.workspace, 'artifacts', serving);
    const [file = ''] = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.bin'));
    await writeFile(join(folder, file), 'x');
    const config = await loadConfig({ config: shop.config, workspace: shop.workspace, env: {} });
    await expect(startService({ config, port: 0, logger: silentLogger })).rejects.toThrow(file);
    await rm(join(shop.workspace, 'artifacts'), { recursive: true });
    await expect(startService({ config, port: 0, logger: silentLogger })).rejects.toThrow(/build-index/);
  });
});

describe('new items that rank last', () => {
  it('have the share of a page that is configured, whatever is better known', async () => {
    const shop = await makeShop({ items: 60, users: 20, extra: 'serving: { exploration: { newItems: 1 } }\n' });
    await shop.command('build-index');
    const client = await serveShop(shop);
    try {
      for (let i = 0; i < 12; i++) expect((await client.send('PUT', `/items/fresh${i}`, PUT)).status).toBe(201);
      const { items } = await client.list('/recommend?userId=u0&limit=10&record=false');
      expect(items.filter(({ id }) => id.startsWith('fresh'))).toHaveLength(10);
    } finally {
      await client.close();
      await shop.remove();
    }
  });

  it('have their places far down a list, and none among its first', async () => {
    const rules = [{ id: 'last', where: 'item.brand == "Dune"', multiply: 0.001 }];
    const shop = await makeShop({ items: 260, users: 20 });
    await shop.command('build-index');
    const client = await serveShop(shop);
    try {
      expect((await client.send('PUT', '/rules', { rules, policies: [] }, { 'if-match': '*' })).status).toBe(200);
      for (let i = 0; i < 14; i++) expect((await client.send('PUT', `/items/fresh${i}`, PUT)).status).toBe(201);
      const fresh = async (limit: number) =>
        (await client.list(`/recommend?userId=u0&limit=${limit}&record=false`)).items.filter(({ id }) => id.startsWith('fresh'));
      expect(await fresh(50)).toHaveLength(0);
      expect(await fresh(200)).toHaveLength(14);
    } finally {
      await client.close();
      await shop.remove();
    }
  });
});
