import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../online/compose.ts';
import { loadConfig } from '../../src/config/load.ts';
import { silentLogger } from '../../src/logging/logger.ts';
import { type Client, makeShop, problem, type Shop, serveShop } from './harness.ts';

const KEYS = 'page:page-key-0123456789:read,shop:shop-key-0123456789:read+write,boss:boss-key-0123456789:admin';
const as = (name: string) => ({ authorization: `Bearer ${name}-key-0123456789` });

describe('API keys', () => {
  let shop: Shop;
  let client: Client;

  beforeAll(async () => {
    shop = await makeShop({ items: 40, users: 10, extra: 'serving: { rateLimitPerMinute: 40 }\n' });
    await shop.command('build-index');
    client = await serveShop(shop, { WINNOW_API_KEYS: KEYS });
  });
  afterAll(async () => {
    await client?.close();
    await shop?.remove();
  });

  it('are asked for on every route but health and description', async () => {
    for (const path of ['/recommend', '/search?q=a', '/items/i1', '/users/u1', '/metrics', '/rules', '/pipeline', '/about']) {
      const answer = await client.get(path);
      expect(answer.status).toBe(401);
      expect(problem.parse(answer.body).detail).toContain('Bearer');
    }
    for (const path of ['/healthz', '/readyz', '/openapi.json']) expect((await client.get(path)).status).toBe(200);
    expect((await client.send('GET', '/recommend', undefined, { authorization: 'Bearer nope' })).status).toBe(401);
  });

  it('may do what their scopes say', async () => {
    expect((await client.send('GET', '/recommend', undefined, as('page'))).status).toBe(200);
    expect((await client.send('PUT', '/items/x', { title: 'x' }, as('page'))).status).toBe(403);
    expect((await client.send('PUT', '/items/x', { title: 'x' }, as('shop'))).status).toBe(201);
    const governance = { rules: [], policies: [] };
    expect((await client.send('PUT', '/rules', governance, { ...as('shop'), 'if-match': '*' })).status).toBe(403);
    const put = await client.send('PUT', '/rules', governance, { ...as('boss'), 'if-match': '*' });
    expect(put.body).toMatchObject({ by: 'boss' });
  });

  it('are limited each for itself', async () => {
    let last = 200;
    for (let i = 0; i < 60 && last === 200; i++) last = (await client.send('GET', '/items/i1', undefined, as('page'))).status;
    expect(last).toBe(429);
    expect((await client.send('GET', '/items/i1', undefined, as('shop'))).status).toBe(200);
  });

  it('are needed to listen where other machines reach', async () => {
    const config = await loadConfig({ config: shop.config, workspace: shop.workspace, env: {} });
    await expect(startService({ config, host: '0.0.0.0', port: 0, logger: silentLogger })).rejects.toThrow('WINNOW_API_KEYS');
  });
});
