import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explained } from '../../online/http/routes/explain.ts';
import { type Client, makeShop, type Shop, serveShop, until } from './harness.ts';

/** config → build → train → serve → recommend → click → recommend, over real HTTP, on the embedded store and log. */
describe('the whole way through', () => {
  let shop: Shop;
  let client: Client;

  beforeAll(async () => {
    shop = await makeShop();
    await shop.command('pipeline', '--force');
    client = await serveShop(shop);
  });
  afterAll(async () => {
    await client?.close();
    await shop?.remove();
  });

  it('recommends to a known user, and never what was seen', async () => {
    const user = await client.get('/users/u1');
    expect(user.status).toBe(200);
    const first = await client.list('/recommend?userId=u1&limit=20');
    expect(first.items).toHaveLength(20);
    expect(first.degraded).toEqual([]);
    const seen = await client.list('/recommend?userId=u1&limit=500&excludeSeen=false');
    expect(seen.items.length).toBeGreaterThan(first.items.length);
    expect(new Set(first.items.map(({ id }) => id)).size).toBe(20);
  });

  it('reflects a click in the next list of that user', async () => {
    const before = await client.list('/recommend?userId=u2&limit=10');
    const clicked = before.items[0]?.id;
    const event = {
      id: 'e-1',
      type: 'click',
      schemaVersion: 1,
      occurredAt: Date.now(),
      payload: { userId: 'u2', itemId: clicked, requestId: before.requestId, position: 1 },
    };
    const answer = await client.send('POST', '/events', { events: [event] });
    expect(answer.status).toBe(202);
    const after = await until(
      () => client.list('/recommend?userId=u2&limit=10'),
      ({ items }) => items.every(({ id }) => id !== clicked),
    );
    expect(after.items.map(({ id }) => id)).not.toContain(clicked);
    // The click belongs to the list that was shown, whose request it names or not.
    const activity = await client.get(`/items/${clicked}/activity`);
    expect(activity.body).toMatchObject({
      actions: expect.arrayContaining([expect.objectContaining({ type: 'click' })]),
      clickThrough: { day: { acted: expect.closeTo(1, 2) } },
    });
    const explained = await client.get(`/explain?userId=u2&itemId=${clicked}`);
    expect(explained.body).toMatchObject({ outcome: 'removed', removal: { stage: 'filter', reason: 'seen' } });
  });

  it('orders similar items by the item they are like, whoever asks', async () => {
    const jazz = await client.list('/items/i0/similar?limit=10&record=false');
    const folk = await client.list('/items/i2/similar?limit=10&record=false');
    const alike = (items: typeof jazz.items, genre: string) => items.filter(({ fields }) => fields['genre'] === genre).length;
    expect(alike(jazz.items, 'jazz')).toBeGreaterThanOrEqual(8);
    expect(alike(folk.items, 'folk')).toBeGreaterThanOrEqual(8);
    // u2 takes folk; that moves nothing of what is like a jazz record.
    const theirs = await client.list('/items/i0/similar?limit=10&userId=u2&record=false');
    expect(theirs.items.map(({ id }) => id)).toEqual(jazz.items.map(({ id }) => id));
  });

  it('serves a stranger what is popular, and a session by its items', async () => {
    const stranger = await client.list('/recommend?userId=nobody&limit=10');
    expect(stranger.items).toHaveLength(10);
    const session = await client.list('/recommend?sessionItems=i0,i5,i10&limit=10');
    expect(session.items.map(({ id }) => id)).not.toContain('i5');
    const jazz = session.items.filter(({ fields }) => fields['genre'] === 'jazz').length;
    expect(jazz).toBeGreaterThan(stranger.items.filter(({ fields }) => fields['genre'] === 'jazz').length);
  });

  it('names no ranker where a stranger searches and nothing taught searches', async () => {
    for (const path of ['/search?q=golden', '/search?q=', '/search?q=golden&userId=u1&personalise=false'])
      expect((await client.search(path)).served.ranker).toBe('none');
  });

  it('fails closed: a child, and who may be one, is shown no metal on any route', async () => {
    for (const who of ['userId=u3', 'userId=u9', 'userId=nobody', 'sessionItems=i4,i9']) {
      for (const route of ['/recommend?limit=200&', '/search?q=&limit=200&', '/items/i4/similar?limit=200&']) {
        const { items } = await client.list(route + who);
        expect(items.length).toBeGreaterThan(0);
        expect(items.filter(({ fields }) => fields['genre'] === 'metal')).toEqual([]);
      }
    }
    const adult = await client.list('/recommend?userId=u4&limit=200');
    expect(adult.items.some(({ fields }) => fields['genre'] === 'metal')).toBe(true);
  });

  it('tells what became of the caller’s own candidates', async () => {
    const { body } = await client.send('POST', '/rank', { userId: 'u3', items: ['i4', 'i5', 'i6', 'nope', 'i5'] });
    expect(body).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ id: 'i5' }), expect.objectContaining({ id: 'i6' })]),
      removed: expect.arrayContaining([
        expect.objectContaining({ id: 'nope', stage: 'retrieve', reason: 'unknown-item' }),
        expect.objectContaining({ id: 'i4', stage: 'filter', reason: 'under-seven-no-metal' }),
      ]),
    });
  });

  it('pages without repeats or holes', async () => {
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null && ids.length < 60) {
      const page = await client.list(`/recommend?userId=u5&limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(ids.length).toBeGreaterThanOrEqual(60);
    expect(new Set(ids).size).toBe(ids.length);
    const whole = await client.list('/recommend?userId=u5&limit=60');
    expect(new Set(ids.slice(0, 50))).toEqual(new Set(whole.items.slice(0, 50).map(({ id }) => id)));
  });

  it('applies a rule that is published while it runs, and tells its effect', async () => {
    const { body, headers } = await client.get('/rules');
    const { rules, policies } = { rules: [], policies: [], ...(typeof body === 'object' ? body : {}) };
    const next = { policies, rules: [...rules, { id: 'no-dune', where: 'item.brand == "Dune"', hide: true }] };
    const stale = await client.send('PUT', '/rules', next, { 'if-match': '"999"' });
    expect(stale.status).toBe(412);
    expect((await client.send('PUT', '/rules', next)).status).toBe(428);
    const broken = { ...next, rules: [{ id: 'x', where: 'item.brnd == 1', hide: true }] };
    expect((await client.send('PUT', '/rules', broken, { 'if-match': '*' })).status).toBe(400);
    const preview = await client.send('POST', '/rules:preview', { ...next, requests: [{ userId: 'u1' }] });
    expect(preview.status).toBe(200);
    const put = await client.send('PUT', '/rules', next, { 'if-match': headers.get('etag') ?? '' });
    expect(put.status).toBe(200);
    const { items } = await client.list('/recommend?userId=u1&limit=50&explain=true');
    expect(items.filter(({ fields }) => fields['brand'] === 'Dune')).toEqual([]);
    const acme = items.find(({ fields }) => fields['brand'] === 'Acme');
    expect(acme?.explanation?.effects).toContainEqual(expect.objectContaining({ rule: 'downscore-acme' }));
    expect((await client.send('POST', '/rules:rollback', {})).status).toBe(200);
    const again = await client.list('/recommend?userId=u1&limit=50');
    expect(again.items.some(({ fields }) => fields['brand'] === 'Dune')).toBe(true);
  });

  it('pins an item to its slot where its scenario is asked for', async () => {
    const home = await client.list('/recommend?userId=u1&limit=10&scenario=home');
    expect(home.items[0]?.id).toBe('i42');
    const filtered = await client.list('/recommend?userId=u1&limit=10&scenario=home&filter=item.year%20%3E%202000');
    expect(filtered.items[0]?.id === 'i42').toBe(Number(home.items[0]?.fields['year']) > 2000);
  });

  it('finds by words, forgives a typo, counts facets and marks matches', async () => {
    const found = await client.search('/search?q=goldn&facets=genre,brand&limit=5');
    expect(found.correctedQuery).toBe('golden');
    expect(found.items[0]?.highlights['title']).toContain('<mark>golden</mark>');
    expect(found.facets['genre']?.reduce((sum, { count }) => sum + count, 0)).toBe(found.total);
    const cheap = await client.search('/search?q=golden&sort=price&limit=20');
    const prices = cheap.items.map(({ fields }) => Number(fields['price']));
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
  });

  it('explains every item in agreement with the list, whoever asks for whatever', async () => {
    const who = fc.constantFrom('userId=u6', 'userId=u3', 'userId=nobody', 'sessionItems=i1,i7', 'userId=u8&scenario=home');
    const what = fc.constantFrom('', 'q=golden', 'q=', 'similarTo=i3');
    const filter = fc.constantFrom('', '&filter=item.year%20%3E%201990', '&filter=item.genre%20%3D%3D%20%22jazz%22');
    const item = fc.integer({ min: 0, max: 299 });
    const property = fc.asyncProperty(who, what, filter, fc.integer({ min: 1, max: 40 }), item, async (...drawn) => {
      const [asker, about, kept, limit, some] = drawn;
      const asked = `${asker}${kept}&limit=${limit}`;
      const { items } = await client.list(
        about === ''
          ? `/recommend?${asked}&record=false`
          : about === 'similarTo=i3'
            ? `/items/i3/similar?${asked}&record=false`
            : `/search?${about}&${asked}&record=false`,
      );
      for (const id of [`i${some}`, items[0]?.id, items.at(-1)?.id]) {
        if (id === undefined) continue;
        const { body } = await client.get(`/explain?itemId=${id}&${about}&${asked}`.replace('&&', '&'));
        const told = explained.parse(body);
        const place = items.findIndex((one) => one.id === id);
        if (place < 0) expect(told).toMatchObject({ outcome: 'removed', removal: { id } });
        else expect(told).toMatchObject({ outcome: 'listed', position: place + 1, score: items[place]?.score });
      }
    });
    await fc.assert(property, { numRuns: 40 });
    const { body } = await client.get('/explain?userId=u6&itemId=nope');
    expect(body).toMatchObject({ outcome: 'removed', removal: { reason: 'unknown-item' } });
  });

  it('shows the pipeline: an event that fits no schema is told with its reason and can be replayed', async () => {
    const bad = { id: 'bad-1', type: 'click', schemaVersion: 1, occurredAt: Date.now(), payload: { userId: 'u1' } };
    expect((await client.send('POST', '/events', { events: [bad] })).status).toBe(202);
    const shown = await until(
      () => client.get('/pipeline/invalid'),
      ({ body }) => JSON.stringify(body).includes('bad-1'),
    );
    expect(JSON.stringify(shown.body)).toContain('bad-1');
    const replay = await client.send('POST', '/pipeline/invalid:replay', {});
    expect(replay.body).toMatchObject({ sent: 1 });
    expect((await client.get('/pipeline')).body).toMatchObject({ topics: expect.any(Array), groups: expect.any(Array) });
  });

  it('a merge is answered once the history is one', async () => {
    const seen = { id: 'merge-1', type: 'click', schemaVersion: 1, occurredAt: Date.now() };
    const events = [{ ...seen, payload: { sessionId: 'visit', itemId: 'i11' } }];
    expect((await client.send('POST', '/events', { events })).status).toBe(202);
    await until(
      () => client.list('/recommend?sessionId=visit&limit=500&record=false'),
      ({ items }) => items.every(({ id }) => id !== 'i11'),
    );
    const started = performance.now();
    expect((await client.send('POST', '/users/visitor/merge', { sessionId: 'visit' })).status).toBe(202);
    // Its longest wait is a second.
    expect(performance.now() - started).toBeLessThan(900);
    expect((await client.get('/users/visitor')).body).toMatchObject({ history: [{ itemId: 'i11' }] });
  });

  it('erases a user', async () => {
    expect((await client.send('PUT', '/users/gone', { fields: { age: 30 } })).status).toBe(200);
    expect((await client.get('/users/gone')).body).toMatchObject({ id: 'gone', fields: { age: 30 } });
    expect((await client.send('DELETE', '/users/gone')).status).toBe(204);
    expect((await client.get('/users/gone')).status).toBe(404);
  });
});
