import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/domain/random.ts';
import { type Client, type Shop, serveShop, shopIn, until } from './harness.ts';

const THINGS = ['lamp', 'chair', 'table', 'sofa', 'shelf', 'mirror', 'carpet', 'vase'];
const COLOURS = ['red', 'blue', 'green', 'grey'];
const CONFIG = `dataset: { items: { source: items.csv, id: id } }
fields:
  title: { type: text }
  year: { type: number }
training: { textEncoder: none }
`;
const SEARCHES = 280;

/** Four of each thing in each colour, of which searchers mean the newest; the words alone put it at any of the four places. */
const items = THINGS.flatMap((thing, t) =>
  COLOURS.flatMap((colour, c) =>
    [0, 1, 2, 3].map((n) => ({ id: `${colour}-${thing}-${n}`, colour, thing, year: 1980 + 10 * ((n + t + c) % 4) })),
  ),
);
const newest = (colour: string, thing: string): string =>
  items.find((item) => item.colour === colour && item.thing === thing && item.year === 2010)!.id;

describe('a shop whose searchers click', () => {
  let shop: Shop;
  let client: Client;
  let told: string;
  const random = seededRandom(3);
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'winnow-clicks-'));
    const rows = items.map(({ id, colour, thing, year }) => `${id},${colour} ${thing} ${id.at(-1)},${year}`);
    await writeFile(join(folder, 'items.csv'), ['id,title,year', ...rows].join('\n'));
    await writeFile(join(folder, 'winnow.yaml'), CONFIG);
    shop = shopIn(folder, join(folder, 'winnow.yaml'));
    await shop.command('build-index');
    client = await serveShop(shop);
    const clicks = [];
    for (let n = 0; n < SEARCHES; n++) clicks.push(...(await visit(n)));
    await send(clicks);
    await until(
      async () => JSON.stringify((await client.get('/analytics/search')).body),
      (report) => report.includes(`"searches":${SEARCHES}`),
    );
    told = await shop.command('train-ranker');
    const published = /search ranker (listwise-\w+)/.exec(told)?.[1];
    await until(
      () => client.search('/search?q=red%20lamp&record=false'),
      ({ served }) => served.ranker === published,
      60_000,
    );
  }, 900_000);
  afterAll(async () => {
    await client?.close();
    await shop?.remove();
  });

  /** Somebody searches for anything but grey vases, looks down the list for as long as it pleases them, and clicks. */
  async function visit(n: number) {
    const thing = THINGS[n % THINGS.length]!;
    const colour = COLOURS[Math.floor(n / THINGS.length) % (thing === 'vase' ? 3 : COLOURS.length)]!;
    const { items: shown, requestId } = await client.search(`/search?q=${colour}%20${thing}&userId=u${n % 40}`);
    return shown
      .filter(({ id }, place) => random() < (place + 1) ** -0.15 && (id === newest(colour, thing) || random() < 0.02))
      .map(({ id }) => click(id, requestId, `u${n % 40}`));
  }

  const send = async (events: readonly ReturnType<typeof click>[]) =>
    expect((await client.send('POST', '/events', { events })).status).toBe(202);

  it('starts in the order of the words alone, and publishes what clicks teach, with the figures', () => {
    expect(told).toMatch(/published: NDCG@10 of clicked searches 0\.\d+ against 0\.\d+ of the untrained relevance on \d+ lists/);
    expect(told).toMatch(/with search ranker listwise-\w+, taught by clicks/);
  });

  it('puts first what searchers took, for a query they searched for and for one they never did, and explains it', async () => {
    const known = await client.search('/search?q=red%20lamp&limit=4&explain=true&record=false');
    expect(known.items[0]?.id).toBe(newest('red', 'lamp'));
    const parts = known.items[0]?.explanation?.contributions ?? {};
    expect(Object.keys(parts)).toEqual(expect.arrayContaining(['clicks.rate', 'number.year']));
    const fresh = await client.search('/search?q=grey%20vase&limit=4&explain=true&record=false');
    expect(fresh.items[0]?.id).toBe(newest('grey', 'vase'));
    expect(Object.keys(fresh.items[0]?.explanation?.contributions ?? {})).toContain('answers.log');
  });

  it('leaves it alone when nobody has searched since', async () => {
    expect(await shop.command('train-ranker')).toMatch(/searches go on with ranker listwise-/);
  });

  it('goes on counting what is taken while it serves', async () => {
    const standing = async () => {
      const { items: found } = await client.search('/search?q=grey%20vase&limit=4&record=false');
      return found.find(({ id }) => id === 'grey-vase-2')?.score ?? 0;
    };
    const before = await standing();
    for (let n = 0; n < 6; n++) {
      const { requestId } = await client.search(`/search?q=grey%20vase&userId=w${n}`);
      await send([click('grey-vase-2', requestId, `w${n}`)]);
    }
    expect(await until(standing, (score) => score > before, 10_000)).toBeGreaterThan(before);
  });
});

function click(itemId: string, requestId: string, userId: string) {
  const payload = { userId, itemId, requestId };
  return { id: `${requestId}-${itemId}`, type: 'click', schemaVersion: 1, occurredAt: Date.now(), payload };
}
