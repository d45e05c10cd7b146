import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, makeShop, problem, type Shop, serveShop } from './harness.ts';

/** Whatever comes in, the answer names what is wrong, and the service goes on. */
describe('bad input', () => {
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

  const long = 'x'.repeat(10_000);
  const cases: readonly [string, string, string, unknown, number, string][] = [
    ['an unknown route', 'GET', '/recomend', undefined, 404, ''],
    ['a method that is not possible', 'DELETE', '/recommend', undefined, 405, ''],
    ['an unknown parameter', 'GET', '/recommend?userld=u1', undefined, 400, 'userld'],
    ['a parameter given twice', 'GET', '/recommend?limit=1&limit=2', undefined, 400, 'limit'],
    ['a limit of 0', 'GET', '/recommend?limit=0', undefined, 400, 'limit'],
    ['a limit of 501', 'GET', '/recommend?limit=501', undefined, 400, 'limit'],
    ['a limit that is no number', 'GET', '/recommend?limit=1e2', undefined, 400, 'limit'],
    ['a boolean that is none', 'GET', '/recommend?excludeSeen=yes', undefined, 400, 'excludeSeen'],
    ['a user id of 10,000 characters', 'GET', `/recommend?userId=${long}`, undefined, 400, 'userId'],
    ['a NUL in an id', 'GET', '/recommend?userId=a%00b', undefined, 400, 'userId'],
    ['an empty id', 'GET', '/recommend?userId=', undefined, 400, 'userId'],
    ['a context that is no JSON', 'GET', '/recommend?context=%7B', undefined, 400, 'context'],
    ['a context that is no object', 'GET', '/recommend?context=[1]', undefined, 400, 'context'],
    ['a context nested deeply', 'GET', `/recommend?context=${'['.repeat(5000)}`, undefined, 400, 'context'],
    ['an unknown field in a filter', 'GET', '/recommend?filter=item.yeer%3E1', undefined, 400, 'filter'],
    ['a wrong type in a filter', 'GET', '/recommend?filter=item.year%3D%3D%22x%22', undefined, 400, 'filter'],
    ['a filter of parentheses', 'GET', `/recommend?filter=${'('.repeat(9000)}`, undefined, 400, 'filter'],
    ['a division by zero', 'GET', '/recommend?filter=item.year%2F0%3E1', undefined, 400, 'filter'],
    ['a forged cursor', 'GET', '/recommend?cursor=AAAA', undefined, 400, 'cursor'],
    ['a facet on a text field', 'GET', '/search?q=a&facets=title', undefined, 400, 'facets'],
    ['an unknown sort', 'GET', '/search?q=a&sort=prize', undefined, 400, 'sort'],
    ['a search without q', 'GET', '/search', undefined, 400, 'q'],
    ['similar to an unknown item', 'GET', '/items/none/similar', undefined, 404, ''],
    ['an unknown item', 'GET', '/items/none', undefined, 404, ''],
    ['an unknown user', 'GET', '/users/none', undefined, 404, ''],
    ['a broken escape in the path', 'GET', '/items/%E0%A4%A', undefined, 400, ''],
    ['malformed JSON', 'POST', '/rank', '{"items":', 400, ''],
    ['a body of another shape', 'POST', '/rank', { items: 'i1' }, 400, 'items'],
    ['a body that is a number', 'POST', '/rank', '7', 400, ''],
    ['an unknown member of a body', 'POST', '/rank', { items: [], bogus: 1 }, 400, 'bogus'],
    ['an id that is no text', 'POST', '/rank', { items: [1] }, 400, 'items.0'],
    ['half a character in an id', 'POST', '/rank', '{"items":["\\ud800"]}', 400, 'items.0'],
    ['10 MB of nested JSON', 'POST', '/rank', '['.repeat(10_000_000), 413, ''],
    ['1 MB of nested JSON', 'POST', '/rank', '['.repeat(1_000_000), 400, ''],
    ['events that are no list', 'POST', '/events', { events: 1 }, 400, 'events'],
    ['no event', 'POST', '/events', { events: [] }, 400, 'events'],
    ['1,001 events', 'POST', '/events', { events: Array(1001).fill({}) }, 400, 'events'],
    ['an event of nothing', 'POST', '/events', { events: [{}] }, 400, 'events[0]'],
    ['an unknown field of an item', 'PUT', '/items/a', { fields: { colour: 'red' } }, 400, 'colour'],
    ['a wrong type in an item', 'PUT', '/items/a', { fields: { year: 'soon' } }, 400, 'year'],
    ['an object as a field', 'PUT', '/items/a', { fields: { title: {} } }, 400, 'title'],
    ['another id in the body', 'PUT', '/items/a', { id: 'b', fields: {} }, 400, 'id'],
    ['a prototype as a field', 'PUT', '/items/a', '{"fields":{"__proto__":1}}', 400, '__proto__'],
    ['an unknown attribute of a user', 'PUT', '/users/a', { fields: { shoe: 44 } }, 400, 'shoe'],
    ['a merge of nobody', 'POST', '/users/a/merge', {}, 400, ''],
    ['a patch of an unknown item', 'PATCH', '/items/none', { year: 1 }, 404, ''],
    ['deleting an unknown item', 'DELETE', '/items/none', undefined, 404, ''],
    ['an unknown topic', 'GET', '/pipeline/other', undefined, 400, 'topic'],
  ];

  it.each(cases)('%s', async (_what, method, path, body, status, named) => {
    const answer = await client.send(method, path, body);
    const told = problem.parse(answer.body);
    expect(answer.status, JSON.stringify(told)).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(told.status).toBe(status);
    if (named !== '')
      expect(
        told.errors?.some(({ path: at }) => at.startsWith(named)),
        JSON.stringify(told),
      ).toBe(true);
  });

  it('a body of another type is a 415', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const answer = await client.send('POST', '/rank', 'items=1', { 'content-type': type });
      expect(answer.status).toBe(415);
      expect(problem.parse(answer.body).detail).toContain('application/json');
    }
  });

  it('bytes that are no text are refused rather than read as other ones', async () => {
    for (const text of ['%FF', '%ED%A0%80', '50%', '%zz']) {
      const answer = await client.get(`/recommend?limit=1&userId=${text}`);
      expect(answer.status, text).toBe(400);
      expect(problem.parse(answer.body).errors).toMatchObject([{ path: 'userId' }]);
    }
    const json = { 'content-type': 'application/json' };
    const latin = await client.send('POST', '/rank', Buffer.from('{"items":["\xff"]}', 'latin1'), json);
    expect(latin.status).toBe(400);
    const wide = Buffer.from('{"items":["i1"]}', 'utf16le');
    const utf16 = await client.send('POST', '/rank', wide, { 'content-type': 'application/json; charset=utf-16le' });
    expect(utf16.status).toBe(415);
    const packed = { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' };
    expect((await client.send('POST', '/items:batch', '{"id":"z"}', packed)).status).toBe(415);
  });

  it('headers that are too large are a 431, and what is no HTTP a 400, in the same form', async () => {
    const huge = await client.send('GET', `/search?q=${'x'.repeat(600_000)}`);
    expect(huge.status).toBe(431);
    expect(problem.parse(huge.body).status).toBe(431);
  });

  it('queries of any characters are answered', async () => {
    const strange = ['', ' ', '!!!', '🎷🎸', 'the and of', 'שלום עולם', '\u0007\u0000', 'a'.repeat(10_000), '<script>', '%', '"'];
    for (const q of strange) expect((await client.get(`/search?q=${encodeURIComponent(q)}`)).status).toBe(200);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async (q) => {
        fc.pre(!/\p{Surrogate}/u.test(q));
        const found = await client.get(`/search?q=${encodeURIComponent(q)}&limit=3`);
        expect(found.status).toBe(200);
        expect((await client.get(`/suggest?q=${encodeURIComponent(q)}`)).status).toBe(200);
      }),
      { numRuns: 40 },
    );
  });

  it('never answers 500 to a filter, a cursor or an id of random characters', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.constantFrom('filter', 'cursor', 'userId', 'context'),
        async (text, parameter) => {
          fc.pre(!/\p{Surrogate}/u.test(text));
          const answer = await client.get(`/recommend?limit=1&${parameter}=${encodeURIComponent(text)}`);
          expect([200, 400]).toContain(answer.status);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('lines of a batch that are wrong cost only themselves', async () => {
    const lines = [
      '{"id":"b1","fields":{"title":"one"}}',
      'nonsense',
      '{"id":"b2","title":"two"}',
      '{"id":"b3","fields":{"nope":1}}',
      '',
      '{"fields":{"title":"no id"}}',
    ];
    const answer = await client.send('POST', '/items:batch', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      accepted: 2,
      rejected: 3,
      errors: [{ line: 2 }, { line: 4 }, { line: 6 }],
    });
    expect((await client.get('/items/b2')).body).toEqual({ id: 'b2', fields: { title: 'two' } });
  });

  it('a caller that goes away in the middle of a body costs nothing', async () => {
    await new Promise<void>((resolve) => {
      const half = request(`${client.url}/rank`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': '1000' },
      });
      half.on('error', () => resolve());
      half.write('{"items"');
      setTimeout(() => half.destroy(), 50);
      half.on('close', () => resolve());
    });
    expect((await client.get('/healthz')).status).toBe(200);
  });

  it('describes itself', async () => {
    const { body } = await client.get('/openapi.json');
    expect(body).toMatchObject({ openapi: '3.1.0', paths: { '/recommend': {}, '/items:batch': {} } });
    expect((await client.get('/docs')).status).toBe(200);
    expect((await client.get('/docs/swagger-ui.css')).status).toBe(200);
    expect((await client.get('/metrics')).body).toContain('winnow_stage_duration_seconds_bucket');
  });
});
