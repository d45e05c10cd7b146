import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { list } from '../../online/http/answers.ts';
import { explained } from '../../online/http/routes/explain.ts';
import { createCursors } from '../../online/pipeline/cursor.ts';
import { type Client, makeShop, problem, type Shop, serveShop, until } from './harness.ts';

const SECRET = 'a secret for cursors that is long enough';
const ROUTES = ['/recommend?', '/search?q=&', '/items/i4/similar?'];
const previews = z.object({
  previews: z.array(
    z.object({
      before: list,
      after: list,
      moved: z.array(z.object({ id: z.string(), kind: z.string(), after: z.number().optional() })),
    }),
  ),
});

/** What rules, cursors and explanations promise, asked of the running service over HTTP. */
describe('governed lists', () => {
  let shop: Shop;
  let client: Client;

  beforeAll(async () => {
    shop = await makeShop({ items: 300, users: 40 });
    await shop.command('build-index');
    client = await serveShop(shop, { WINNOW_CURSOR_SECRET: SECRET });
  });
  afterAll(async () => {
    await client?.close();
    await shop?.remove();
  });
  beforeEach(() => publish([]));

  const publish = async (rules: readonly object[], policies: readonly object[] = []) => {
    const answer = await client.send('PUT', '/rules', { rules, policies }, { 'if-match': '*' });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  };
  const ids = async (path: string) => (await client.list(`${path}&record=false`)).items.map(({ id }) => id);
  const encode = (filter: string) => `filter=${encodeURIComponent(filter)}`;

  it('the same rules act the same on every route', async () => {
    await publish([
      { id: 'no-dune', where: 'item.brand == "Dune"', hide: true },
      { id: 'front', where: 'item.id == "i40"', pin: 2 },
      { id: 'less', where: 'item.brand == "Acme"', multiply: 0.5 },
      { id: 'more', where: 'item.price > 30', add: 0.25 },
      { id: 'new', boostFresh: 'released', weight: 0.4, halfLifeDays: 1000 },
      { id: 'last', where: 'item.genre == "opera"', bury: true },
      { id: 'variety', capPer: 'genre', max: 3 },
    ]);
    for (const route of ROUTES) {
      const { items } = await client.list(`${route}userId=u0&limit=8&explain=true&record=false&excludeSeen=false`);
      expect(items, route).toHaveLength(8);
      expect(items[1], route).toMatchObject({ id: 'i40', explanation: { pinnedAt: 2 } });
      expect(items.some(({ fields }) => fields['brand'] === 'Dune')).toBe(false);
      const genres = new Map<unknown, number>();
      for (const { id, score, fields, explanation } of items) {
        genres.set(fields['genre'], (genres.get(fields['genre']) ?? 0) + 1);
        const effects = new Map(explanation?.effects.map((effect) => [effect.rule, effect]));
        expect(effects.has('less'), id).toBe(fields['brand'] === 'Acme');
        expect(effects.has('more'), id).toBe(Number(fields['price']) > 30);
        expect(effects.get('new')?.effect, id).toContain('boostFresh');
        expect(effects.get('new')?.after).toBeGreaterThan(effects.get('new')?.before ?? 1);
        expect(effects.has('last'), id).toBe(fields['genre'] === 'opera');
        expect(score).toBe([...effects.values()].findLast(({ rule }) => ['less', 'more', 'new'].includes(rule))?.after);
      }
      expect(Math.max(...genres.values()), route).toBeLessThanOrEqual(3);
    }
  });

  it('new items come up, half as far with every half-life', async () => {
    await publish([{ id: 'new', boostFresh: 'released', weight: 100_000, halfLifeDays: 1000 }]);
    const filter = encode('item.genre == "folk"');
    for (const route of ROUTES) {
      const { items } = await client.list(`${route}userId=u0&limit=40&${filter}&record=false&excludeSeen=false&explain=true`);
      const dates = items.map(({ fields }) => Number(fields['released']));
      expect(dates).toEqual([...dates].sort((a, b) => b - a));
      const gains = items.map(({ explanation }) => {
        const effect = explanation?.effects.find(({ rule }) => rule === 'new');
        return (effect?.after ?? 0) - (effect?.before ?? 0);
      });
      const halves = ((dates[0] ?? 0) - (dates[6] ?? 0)) / (1000 * 86_400_000);
      expect((gains[6] ?? 0) / (gains[0] ?? 1)).toBeCloseTo(0.5 ** halves, 3);
    }
  });

  it('are for those and for the time that they name', async () => {
    const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString();
    const pin = (id: string, item: string, more: object) => ({ id, where: `item.id == "${item}"`, pin: 1, ...more });
    await publish([
      pin('over', 'i10', { until: day(-1) }),
      pin('not-yet', 'i11', { from: day(1) }),
      pin('adults', 'i12', { audience: 'user.age >= 18', from: day(-1), until: day(1) }),
      pin('evening', 'i13', { audience: 'request.context.hour >= 18' }),
      pin('search-only', 'i14', { audience: 'request.route == "search"' }),
    ]);
    const first = async (path: string) => (await ids(`${path}&excludeSeen=false&limit=3`))[0];
    for (const route of ROUTES) expect(await first(`${route}userId=u0`)).toBe('i12');
    // u3 is six years old, and of u9 no age is known.
    for (const user of ['u3', 'u9']) {
      expect(['i10', 'i11', 'i12']).not.toContain(await first(`/recommend?userId=${user}`));
      expect(await first(`/recommend?userId=${user}&context=${encodeURIComponent('{"hour":20}')}`)).toBe('i13');
      expect(await first(`/search?q=&userId=${user}`)).toBe('i14');
    }
  });

  it('pins keep their slots when filters change, skip what a policy forbids, and never come twice', async () => {
    const pins = ['i20', 'i25', 'i30'].map((id, i) => ({ id: `pin-${id}`, where: `item.id == "${id}"`, pin: 2 * i + 1 }));
    await publish(pins, [{ id: 'closed', deny: 'item.id == "i25"' }]);
    for (const route of ROUTES)
      for (const filter of ['', encode('item.genre == "jazz"'), encode('item.price < 20'), encode('item.brand == "Acme"')]) {
        const { items } = await client.list(`${route}userId=u2&limit=10&record=false&excludeSeen=false&${filter}`);
        const found = items.map(({ id }) => id);
        expect(new Set(found).size).toBe(found.length);
        expect(found).not.toContain('i25');
        const all = await client.search(`/search?q=&userId=u2&limit=500&record=false&${filter}`);
        const eligible = new Set(all.items.map(({ id }) => id));
        if (eligible.has('i20')) expect(found[0], `${route}${filter}`).toBe('i20');
        if (eligible.has('i30') && found.length > 4) expect(found[4], `${route}${filter}`).toBe('i30');
      }
  });

  it('a page is filled from beyond the first candidates while there are any', async () => {
    await publish([{ id: 'few', where: 'item.price != 30', hide: true }]);
    const wanted = Array.from({ length: 300 }, (_, i) => i).filter((i) => 5 + (i % 40) === 30);
    for (const route of ROUTES.slice(0, 2)) {
      const found = await ids(`${route}userId=u0&limit=${wanted.length}&excludeSeen=false`);
      expect(found.sort(), route).toEqual(wanted.map((i) => `i${i}`).sort());
    }
    await publish([{ id: 'one', capPer: 'brand', max: 1 }]);
    const { items } = await client.list('/recommend?userId=u0&limit=10&record=false');
    expect(items.map(({ fields }) => fields['brand']).sort()).toEqual(['Acme', 'Borealis', 'Cobalt', 'Dune']);
  });

  it('a preview shows both lists and what moved, for users, queries and similar items, and publishes nothing', async () => {
    await publish([{ id: 'front', where: 'item.id == "i50"', pin: 1 }]);
    const before = await client.get('/rules');
    const rules = [{ id: 'front', where: 'item.id == "i51"', pin: 1 }];
    const policies = [{ id: 'region', when: 'request.context.region == "FR"', deny: 'item.genre == "folk"' }];
    const context = { region: 'FR' };
    const requests = [{ userId: 'u0' }, { userId: 'u0', q: '' }, { similarTo: 'i5' }, { userId: 'u2', context, limit: 20 }];
    const answer = await client.send('POST', '/rules:preview', { rules, policies, requests });
    const shown = previews.parse(answer.body).previews;
    expect(shown).toHaveLength(4);
    for (const { before: now, after, moved } of shown) {
      expect(now.items[0]?.id).toBe('i50');
      expect(after.items[0]?.id).toBe('i51');
      expect(moved).toContainEqual(expect.objectContaining({ id: 'i51', after: 1 }));
    }
    expect(shown[3]?.before.items.some(({ fields }) => fields['genre'] === 'folk')).toBe(true);
    expect(shown[3]?.after.items.some(({ fields }) => fields['genre'] === 'folk')).toBe(false);
    expect((await client.get('/rules')).body).toEqual(before.body);
    expect((await ids('/recommend?userId=u0&limit=3'))[0]).toBe('i50');
    const broken = await client.send('POST', '/rules:preview', { rules: [{ id: 'x', pin: 0 }], policies: [], requests });
    expect(problem.parse(broken.body).errors?.[0]?.path).toMatch(/^rules\[0\]/);
  });

  it('an explanation gives the very stage, rule and place, on every route', async () => {
    await publish(
      [
        { id: 'no-dune', where: 'item.brand == "Dune"', hide: true },
        { id: 'up', where: 'item.year > 2000', multiply: 3 },
      ],
      [{ id: 'child', when: 'user.age < 7', deny: 'item.genre == "metal"' }],
    );
    const filter = 'item.price < 35';
    for (const [route, about] of [
      ['/recommend?', ''],
      ['/search?q=golden&', '&q=golden'],
      ['/items/i4/similar?', '&similarTo=i4'],
    ]) {
      const asked = `userId=u3&excludeSeen=false&${encode(filter)}`;
      const whole = (await client.list(`${route}${asked}&limit=90&record=false`)).items;
      for (let i = 0; i < 300; i += 23) {
        const told = explained.parse((await client.get(`/explain?itemId=i${i}&${asked}${about}&limit=10`)).body);
        const metal = i % 5 === 4;
        const place = whole.findIndex(({ id }) => id === `i${i}`) + 1;
        if (route === '/items/i4/similar?' && i === 4) continue;
        if (metal) expect(told.removal, `${route} i${i}`).toMatchObject({ stage: 'filter', reason: 'child' });
        else if (5 + (i % 40) >= 35) expect(told.removal, `${route} i${i}`).toMatchObject({ stage: 'filter', reason: 'filter' });
        else if (place > 0 && place <= 10) expect(told).toMatchObject({ outcome: 'listed', position: place });
        else if (place > 10)
          expect(told, `${route} i${i}`).toMatchObject({
            position: place,
            score: whole[place - 1]?.score,
            removal: { stage: 'page', reason: 'below-cut' },
            cutoff: { rank: 10, score: whole[9]?.score },
          });
        else if (i % 4 === 3 && told.removal?.stage === 'rules') expect(told.removal.reason).toBe('no-dune');
        else if (told.removal?.stage === 'page') expect(told.position, `${route} i${i}`).toBeGreaterThan(whole.length);
        else expect(told.removal, `${route} i${i}`).toMatchObject({ stage: 'retrieve' });
      }
    }
  });

  it('pages have no repeats and no holes although events arrive and an artifact is published between them', async () => {
    const filter = encode('item.genre == "folk"');
    const start = await client.list(`/recommend?userId=u1&limit=500&${filter}&record=false`);
    const wanted = start.items.map(({ id }) => id);
    expect(wanted.length).toBeGreaterThan(30);
    const shown: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null; page++) {
      const path = `/recommend?userId=u1&limit=7&${filter}&record=false${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const answer: z.infer<typeof list> = await client.list(path);
      shown.push(...answer.items.map(({ id }) => id));
      cursor = answer.nextCursor;
      const clicked = [answer.items[0]?.id, answer.items[1]?.id];
      const events = clicked.map((itemId, n) => ({
        id: `page-${page}-${n}`,
        type: 'click',
        schemaVersion: 1,
        occurredAt: Date.now(),
        payload: { userId: n === 0 ? 'u1' : 'u7', itemId },
      }));
      expect((await client.send('POST', '/events', { events })).status).toBe(202);
      await until(
        () => ids(`/recommend?userId=u1&limit=500&${filter}`),
        (left) => !left.includes(clicked[0] ?? ''),
      );
      if (page !== 1) continue;
      await shop.command('build-index');
      const { artifact } = answer.served;
      await until(
        async () => (await client.list('/recommend?limit=1&record=false')).served.artifact,
        (now) => now !== artifact,
        30_000,
      );
    }
    expect([...shown].sort()).toEqual([...wanted].sort());
  });

  it('an expired cursor, a forged one and one of another list are a 400 that says which', async () => {
    const { nextCursor } = await client.list('/recommend?userId=u0&limit=5&record=false');
    const state = createCursors({ secret: SECRET, clock: Date.now }).open(nextCursor ?? '');
    const old = createCursors({ secret: SECRET, clock: () => Date.now() - 2 * 3_600_000 }).seal(state);
    const forged = createCursors({ secret: 'another one', clock: Date.now }).seal(state);
    const refusals: readonly [string, string, string][] = [
      ['u0', old, 'has expired'],
      ['u0', forged, 'was changed'],
      ['u2', nextCursor ?? '', 'other parameters'],
      ['u0', `${nextCursor?.slice(0, -2)}AA`, 'was changed'],
    ];
    for (const [user, cursor, why] of refusals) {
      const answer = await client.get(`/recommend?userId=${user}&limit=5&cursor=${cursor}`);
      expect(answer.status).toBe(400);
      expect(problem.parse(answer.body).errors).toMatchObject([{ path: 'cursor', message: expect.stringContaining(why) }]);
    }
    expect((await client.get(`/recommend?userId=u0&limit=9&cursor=${nextCursor}`)).status).toBe(200);
  });

  it('bad filters are refused with their place, in a set of rules too, while others are served', async () => {
    const bad: readonly [string, RegExp][] = [
      ['item.colour == "red"', /unknown field/],
      ['item.year == "x"', /overload/],
      ['('.repeat(100_000), /longer/],
      ['('.repeat(10_000) + ')'.repeat(6_000), /./],
      [encodeURIComponent('item.title.matches("(a+)+$")'), /matches/],
      [encodeURIComponent('item.year / 0 > 1'), /division by zero/],
      ['foo(item.year)', /unknown function/],
    ];
    const others: Promise<number>[] = [];
    for (const [filter, why] of bad) {
      others.push(client.get('/recommend?userId=u0&limit=5&record=false').then(({ status }) => status));
      const answer = await client.get(`/recommend?filter=${filter}`);
      expect(answer.status).toBe(400);
      const told = z.object({
        errors: z.array(z.object({ path: z.string(), message: z.string(), line: z.number(), column: z.number() })),
      });
      expect(told.parse(answer.body).errors[0]).toMatchObject({ path: 'filter', message: expect.stringMatching(why) });
      const set = { rules: [], policies: [{ id: 'p', deny: decodeURIComponent(filter) }] };
      const put = await client.send('PUT', '/rules', set, { 'if-match': '*' });
      expect(told.parse(put.body).errors[0]).toMatchObject({ path: 'policies[0].deny', message: expect.stringMatching(why) });
    }
    expect(await Promise.all(others)).toEqual(bad.map(() => 200));
    // A value that turns out to be zero is an error of that item alone: it is not kept.
    const { items } = await client.list(`/recommend?limit=300&record=false&${encode('item.price / (item.year - 1970) > 0')}`);
    expect(items.length).toBeGreaterThan(100);
    expect(items.some(({ fields }) => fields['year'] === 1970)).toBe(false);
  });

  it('a HEAD request shows nothing to anyone: no impression is written', async () => {
    const impressions = async () =>
      /^winnow_impressions_total\{outcome="written"\} (\d+)/m.exec(String((await client.get('/metrics')).body))?.[1] ?? '0';
    const before = Number(await impressions());
    const head = await new Promise<number | undefined>((resolve, reject) => {
      request(`${client.url}/recommend?userId=u0`, { method: 'HEAD' }, (res) => resolve(res.statusCode))
        .on('error', reject)
        .end();
    });
    expect(head).toBe(200);
    await client.list('/recommend?userId=u0&limit=2');
    expect(Number(await until(impressions, (count) => Number(count) > before))).toBe(before + 1);
  });
});
