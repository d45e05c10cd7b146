import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Client, problem, type Shop, serveShop, shopIn, until } from './harness.ts';

const ITEMS = `id,title,text,brand,kinds,price,added
a,Red running shoes,Light shoes for the road,Acme,shoes|sport,80,2024-01-01
b,Blue running shoes,For long runs,Nord,shoes|sport,95,2024-02-01
c,Leather boots,Running from the rain,Nord,shoes,120,2023-05-01
d,Sofa with a red cover,Seats three,Acme,furniture,700,2022-05-01
e,Couch,A place to sit and rest,Dune,furniture,650,2024-03-01
f,Headphones WH-1000XM4,Noise cancelling,Sony,audio,299,2021-01-01
g,Headphones WH-1000XM3,Noise cancelling,Sony,audio,199,2019-01-01
h,iPhone 15,A phone,Fruit,phones,900,2023-09-01
i,Phone case <b>black</b> & red,Fits most,Acme,phones,15,2023-09-01
j,東京都の地図,Map of Tokyo,Dune,books,12,2020-01-01
k,شال أحمر,A red scarf,Dune,clothes,30,2020-01-01
l,Forbidden headphones,Not for everyone,Sony,audio,1,2020-01-01
`;
const CONFIG = `dataset: { items: { source: items.csv, id: id } }
fields:
  title: { type: text, searchBoost: 3 }
  text: { type: text }
  brand: { type: category, facet: true, searchBoost: 1 }
  kinds: { type: categories, separator: "|", facet: true }
  price: { type: number, facet: true }
  added: { type: date }
userFields: { grown: { type: boolean } }
policies: policies.yaml
search:
  synonyms:
    - { words: [sofa, couch, settee] }
    - { from: phone, to: [iphone] }
serving: { deadlines: { textEncoder: 10000 } }
`;
const POLICIES = `- { id: grown-ups, when: '!(user.grown == true)', deny: item.id == "l" }\n`;

const suggestions = z.object({ suggestions: z.array(z.object({ text: z.string() })) });
const analytics = z.object({
  searches: z.number(),
  topQueries: z.array(z.object({ query: z.string(), searches: z.number(), clicks: z.number() })),
  noResultQueries: z.array(z.object({ query: z.string() })),
  clickPositions: z.array(z.object({ position: z.number(), clicks: z.number() })),
});

// Items, their fields and nothing else: no event was ever seen.
describe('a catalogue without a single event', () => {
  let shop: Shop;
  let client: Client;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'winnow-search-'));
    for (const [name, text] of Object.entries({ 'items.csv': ITEMS, 'winnow.yaml': CONFIG, 'policies.yaml': POLICIES }))
      await writeFile(join(folder, name), text);
    shop = shopIn(folder, join(folder, 'winnow.yaml'));
    await shop.command('build-index');
    client = await serveShop(shop);
  });
  afterAll(async () => {
    await client?.close();
    await shop?.remove();
  });

  const search = (q: string, rest = '') => client.search(`/search?q=${encodeURIComponent(q)}${rest}`);
  const ids = async (q: string, rest = '') => (await search(q, rest)).items.map(({ id }) => id);
  const suggest = async (q: string) =>
    suggestions.parse((await client.get(`/suggest?q=${encodeURIComponent(q)}`)).body).suggestions.map(({ text }) => text);

  it('is searched: the words, other forms of them, the brand', async () => {
    expect((await ids('running shoe')).slice(0, 2).sort()).toEqual(['a', 'b']);
    expect((await ids('sony'))[0]).toMatch(/[fg]/);
    expect((await ids('leather boots'))[0]).toBe('c');
  });

  it('forgives slips, says what it searched, and never bends numbers and codes', async () => {
    const found = await search('haedphones');
    expect(found.correctedQuery).toBe('headphones');
    expect(
      found.items
        .map(({ id }) => id)
        .slice(0, 2)
        .sort(),
    ).toEqual(['f', 'g']);
    const code = await search('WH-1000XM4');
    expect([code.items[0]?.id, code.correctedQuery]).toEqual(['f', null]);
    expect((await ids('wh1000xm3'))[0]).toBe('g');
    expect((await search('wh-1000xm5')).correctedQuery).toBeNull();
  });

  it('lists no other code for one that no item has, says so, and still finds the other words', async () => {
    for (const code of ['WH-1000XM5', 'wh1000xm5', '1000XM5', 'the WH-1000XM5', '299']) {
      const { items, total, notice, degraded } = await search(code);
      expect([code, items, total, degraded]).toEqual([code, [], 0, []]);
      expect(notice).toContain(`No item has ${code.replace('the ', '')}.`);
    }
    const found = await search('headphones WH-1000XM5');
    expect(found.items.map(({ id }) => id).sort()).toEqual(['f', 'g']);
    expect(found.notice).toMatch(/all of these words/);
    expect((await search('WH-1000XM3')).items[0]?.id).toBe('g');
  });

  it('completes the last word, and knows synonyms in their direction', async () => {
    expect((await ids('headph'))[0]).toMatch(/[fg]/);
    expect((await ids('couch')).slice(0, 2)).toEqual(['e', 'd']);
    expect((await ids('settee')).slice(0, 2).sort()).toEqual(['d', 'e']);
    expect(await ids('phone')).toEqual(expect.arrayContaining(['h', 'i']));
  });

  it('takes quotes at their word, says what it relaxed, and puts the very title first', async () => {
    expect(await ids('"red running"')).toEqual(['a']);
    expect((await search('"shoes red"')).notice).toMatch(/quotes/);
    expect((await search('blue boots')).notice).toMatch(/all of these words/);
    expect((await ids('couch'))[0]).toBe('e');
  });

  it('says when only the filter leaves nothing, and counts nothing that a policy hides', async () => {
    const dear = `&filter=${encodeURIComponent('item.price > 100000.0')}`;
    const { items, notice } = await search('leather boots', dear);
    expect([items, notice]).toEqual([[], 'Nothing that matches passes the filter; 1 would match without it.']);
    expect((await search('zzzzqqqq', dear)).notice).toBeNull();
    expect((await search('forbidden', dear)).notice).toBeNull();
  });

  it('finds words of scripts without spaces and from right to left', async () => {
    expect((await ids('地図'))[0]).toBe('j');
    expect((await ids('شال'))[0]).toBe('k');
  });

  it('counts facets under each other’s filters, sorts, and marks matches with everything else escaped', async () => {
    const { facets, total } = await search('', `&facets=brand,kinds&filter=${encodeURIComponent('item.brand == "Nord"')}`);
    expect(total).toBe(2);
    expect(facets['kinds']).toEqual([
      { value: 'shoes', count: 2 },
      { value: 'sport', count: 1 },
    ]);
    expect(facets['brand']?.find(({ value }) => value === 'Acme')?.count).toBe(3);
    const prices = (await search('red', '&sort=-price&limit=20')).items.map(({ fields }) => Number(fields['price']));
    expect(prices).toEqual([...prices].sort((a, b) => b - a));
    const item = (await search('phone case black')).items.find(({ id }) => id === 'i');
    expect(item?.highlights['title']).toBe(
      '<mark>Phone</mark> <mark>case</mark> &lt;b&gt;<mark>black</mark>&lt;/b&gt; &amp; red',
    );
  });

  it('marks what it found by a synonym, one way where that is one-way', async () => {
    const marked = async (q: string, id: string) => (await search(q)).items.find((item) => item.id === id)?.highlights['title'];
    expect(await marked('couch', 'd')).toBe('<mark>Sofa</mark> with a red cover');
    expect(await marked('phone', 'h')).toBe('<mark>iPhone</mark> 15');
    expect((await marked('iphone', 'i')) ?? '').not.toContain('<mark>');
  });

  it('goes from page to page without a gap or a repeat', async () => {
    const seen: string[] = [];
    let next = '';
    do {
      const page = await search('red', `&limit=2${next}`);
      seen.push(...page.items.map(({ id }) => id));
      next = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (next !== '');
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe((await ids('red', '&limit=100')).length);
  });

  it('completes while typing, with slips, and shows nothing a policy keeps from strangers', async () => {
    expect(await suggest('head')).toEqual(['Headphones WH-1000XM3', 'Headphones WH-1000XM4']);
    expect(await suggest('leathr b')).toEqual(['Leather boots']);
    for (const slipped of ['haed', 'hedp', 'haedp', 'heaad', 'hae', 'haedphons'])
      expect([slipped, await suggest(slipped)]).toEqual([slipped, ['Headphones WH-1000XM3', 'Headphones WH-1000XM4']]);
    expect(await suggest('leather btoo')).toEqual(['Leather boots']);
    expect(await suggest('wh-1000xm')).toHaveLength(2);
    for (const code of ['wh-1000xm5', 'wh1000xm5', '1000mx', '1100']) expect([code, await suggest(code)]).toEqual([code, []]);
    expect(await ids('forbidden headphones')).not.toContain('l');
    expect(await suggest('forbidden')).toEqual([]);
  });

  it('leaves the person out where that is asked for', async () => {
    const about = '&userId=u1&personalise=false';
    await client.send('POST', '/events', { events: [click('p1', 'u1', 'd')] });
    expect(await ids('red', about)).toEqual(await ids('red'));
  });

  it('tells what was searched, what found nothing and where people clicked', async () => {
    const asked = await client.search('/search?q=boots&userId=u2');
    await search('zzzzqqqq');
    const event = click('a1', 'u2', asked.items[0]?.id ?? '', asked.requestId);
    expect((await client.send('POST', '/events', { events: [event] })).status).toBe(202);
    const answer = await until(
      async () => analytics.parse((await client.get('/analytics/search')).body),
      ({ topQueries }) => topQueries.some(({ query, clicks }) => query === 'boots' && clicks === 1),
    );
    expect(answer.searches).toBeGreaterThan(5);
    expect(answer.clickPositions.find(({ position }) => position === 1)?.clicks).toBeGreaterThan(0);
    expect(answer.noResultQueries.map(({ query }) => query)).toContain('zzzzqqqq');
  });

  it('has a defined answer for every bad input', async () => {
    for (const q of ['!!! ???', '🎈🎈', '\u0007', '"', '""', '…']) {
      const { items, notice } = await search(q);
      expect([q, items, notice]).toEqual([q, [], expect.stringMatching(/no word/)]);
    }
    expect((await search('the and of')).total).toBeGreaterThan(0);
    expect((await search('  ')).total).toBe(11);
    expect((await search(`boots ${'x'.repeat(9000)}`)).items[0]?.id).toBe('c');
    expect((await search('\u202eboots')).items[0]?.id).toBe('c');
    for (const [path, field] of [
      ['/search?q=a&facets=title', 'facets'],
      ['/search?q=a&sort=prize', 'sort'],
      ['/search?q=a&sort=kinds', 'sort'],
    ] as const) {
      const { status, body } = await client.get(path);
      expect([status, problem.parse(body).errors?.[0]?.path]).toEqual([400, field]);
    }
  });

  it('finds a put item, its change and its end within a second', async () => {
    const within = async (q: string, id: string, isThere: boolean) => {
      const started = performance.now();
      while ((await ids(q)).includes(id) !== isThere) expect(performance.now() - started).toBeLessThan(1000);
    };
    await client.send('PUT', '/items/new', { fields: { title: 'Zanzibar lamp', brand: 'Nord' } });
    await within('zanzibar', 'new', true);
    await client.send('PATCH', '/items/new', { title: 'Ocarina lamp' });
    await within('ocarina', 'new', true);
    expect((await search('zanzibar')).items.map(({ id }) => id)).not.toContain('new');
    await client.send('DELETE', '/items/new');
    await within('ocarina', 'new', false);
  });
});

function click(id: string, userId: string, itemId: string, requestId?: string) {
  const payload = { userId, itemId, ...(requestId === undefined ? {} : { requestId }) };
  return { id, type: 'click', schemaVersion: 1, occurredAt: Date.now(), payload };
}
