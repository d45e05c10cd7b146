import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { list } from '../../online/http/answers.ts';
import { type Client, type Shop, serveShop, shopIn } from './harness.ts';

const THINGS = ['lamp', 'chair', 'table', 'sofa', 'shelf', 'mirror', 'carpet', 'vase'];
const COLOURS = ['red', 'blue', 'green', 'grey'];
const CONFIG = `dataset:
  items: { source: items.csv, id: id }
  judgments: { source: judgments.csv, query: query, item: item, grade: grade }
fields:
  title: { type: text }
  year: { type: number }
training: { textEncoder: none }
`;

/** Four of each thing in each colour, of which people mean the newest. */
const items = THINGS.flatMap((thing) =>
  COLOURS.flatMap((colour) => [0, 1, 2, 3].map((n) => ({ id: `${colour}-${thing}-${n}`, colour, thing, year: 1980 + 10 * n }))),
);
const judged = items.filter(({ colour, thing }) => !(colour === 'grey' && thing === 'vase'));

describe('a shop with judged queries and not a single event', () => {
  let shop: Shop;
  let client: Client;
  let told: string;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'winnow-judgments-'));
    const rows = items.map(({ id, colour, thing, year }) => `${id},${colour} ${thing} ${id.at(-1)},${year}`);
    const grades = judged.map(({ id, colour, thing, year }) => `${colour} ${thing},${id},${year === 2010 ? 2 : 0}`);
    await writeFile(join(folder, 'items.csv'), ['id,title,year', ...rows].join('\n'));
    await writeFile(join(folder, 'judgments.csv'), ['query,item,grade', ...grades].join('\n'));
    await writeFile(join(folder, 'winnow.yaml'), CONFIG);
    shop = shopIn(folder, join(folder, 'winnow.yaml'));
    await shop.command('build-index');
    told = await shop.command('train-ranker');
    client = await serveShop(shop);
  });
  afterAll(async () => {
    await client.close();
    await shop.remove();
  });

  it('publishes a ranker of searches, and says by how much it is better', () => {
    expect(told).toMatch(/published: NDCG@10 of searches [01]\.\d+ against 0\.\d+ of the untrained relevance on 31 lists/);
    expect(told).toMatch(/with search ranker listwise-/);
  });

  it('answers a query that nobody judged as the judged ones taught, and explains it', async () => {
    const { items: found, served } = await client.search('/search?q=grey%20vase&limit=4&explain=true');
    expect(found[0]?.id).toBe('grey-vase-3');
    expect(served.ranker).toMatch(/^listwise-/);
    expect(Object.keys(found[0]?.explanation?.contributions ?? {})).toContain('number.year');
  });

  it('ranks a caller’s own candidates by how they answer the caller’s text', async () => {
    const items = ['red-sofa-3', 'grey-vase-0', 'grey-vase-3', 'blue-lamp-1'];
    const { status, body } = await client.send('POST', '/rank', { query: 'grey vase', items });
    expect(status, JSON.stringify(body)).toBe(200);
    const ranked = list.parse(body).items.map(({ id }) => id);
    expect(ranked.slice(0, 2)).toEqual(['grey-vase-3', 'grey-vase-0']);
    expect([...ranked].sort()).toEqual([...items].sort());
  });

  it('leaves it alone when it is asked again and nothing has changed', async () => {
    expect(await shop.command('train-ranker')).toMatch(/searches go on with ranker listwise-/);
  });
});
