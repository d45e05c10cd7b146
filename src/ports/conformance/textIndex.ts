import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { createCatalogue } from '../../catalogue/createCatalogue.ts';
import { type FieldDefinitions, fieldDefinitionSchema } from '../../config/schema.ts';
import type { Item } from '../../domain/item.ts';
import type { ItemFilter } from '../../filters/itemFilter.ts';
import { parseExpression } from '../../filters/parse.ts';
import { createPlanner, type FilterPlanner } from '../../filters/planner.ts';
import type { TextIndex } from '../textIndex.ts';

const fields: FieldDefinitions = {
  title: fieldDefinitionSchema.parse({ type: 'text', searchBoost: 3 }),
  text: fieldDefinitionSchema.parse({ type: 'text' }),
  brand: fieldDefinitionSchema.parse({ type: 'category' }),
  year: fieldDefinitionSchema.parse({ type: 'number' }),
};

const item = (id: string, title: string, rest: Item['fields'] = {}): Item => ({ id, fields: { title, ...rest } });

const shop: readonly Item[] = [
  item('shoes', 'Red running shoes', { text: 'Light shoes for the road', brand: 'Acme', year: 2020 }),
  item('boots', 'Leather boots', { text: 'For running away from the rain', brand: 'Nord', year: 2021 }),
  item('shirt', 'Blue T-shirt', { text: 'Cotton, also worn for a run', brand: 'Acme', year: 2022 }),
  item('phones', 'Headphones WH-1000XM4', { text: 'Noise cancelling', brand: 'Sony', year: 2020 }),
  item('phones3', 'Headphones WH-1000XM3', { text: 'Noise cancelling', brand: 'Sony', year: 2018 }),
  item('who', 'The Who: live', { year: 1970 }),
  item('tokyo', '東京都の地図', { year: 2001 }),
];

export interface TextIndexWorld {
  readonly catalogue: Catalogue;
  readonly planner: FilterPlanner;
}

/** What every text index must do. `open` gets a catalogue that already holds what is to be indexed. */
export function textIndexConformance(name: string, open: (world: TextIndexWorld) => Promise<TextIndex>): void {
  describe(`${name} as a text index`, () => {
    const opened: TextIndex[] = [];
    const start = async (items: readonly Item[] = shop) => {
      const catalogue = createCatalogue(fields, items);
      const planner = createPlanner(catalogue);
      const index = await open({ catalogue, planner });
      opened.push(index);
      const ids = async (query: string, filter?: ItemFilter): Promise<string[]> =>
        (await index.search(query, 10, filter)).hits.map(({ id }) => id);
      return { catalogue, index, ids };
    };
    const keep = (source: string): ItemFilter => ({
      constraints: [{ kind: 'keep', id: 'filter', expression: parseExpression(source, { fields, userFields: {} }) }],
      bindings: { user: {}, request: { route: 'search', scenario: '', context: {} }, now: 0 },
      excluded: new Set(),
    });
    afterEach(async () => {
      for (const index of opened.splice(0)) await index.close();
    });

    it('says what a query means before it is answered, once', async () => {
      const { index } = await start();
      const told: string[] = [];
      let answered = false;
      await index
        .search('runing shoes', 10, undefined, (meant) => told.push(`${meant}, ${answered ? 'late' : 'in time'}`))
        .then(() => (answered = true));
      expect(told).toEqual(['running shoes, in time']);
    });

    it('puts the title first, and finds other forms of a word', async () => {
      const { ids } = await start();
      expect((await ids('run')).slice(0, 3).sort()).toEqual(['boots', 'shirt', 'shoes']);
      expect((await ids('run'))[0]).toBe('shoes');
      expect((await ids('shoe'))[0]).toBe('shoes');
    });

    it('matches numbers and codes as they are, and never corrects them', async () => {
      const { ids, index } = await start();
      expect((await ids('wh-1000xm4'))[0]).toBe('phones');
      expect((await ids('WH1000XM4'))[0]).toBe('phones');
      expect((await index.search('1000xm5', 10)).correctedQuery).toBeNull();
      expect((await ids('t-shirt'))[0]).toBe('shirt');
      expect((await ids('tshirt'))[0]).toBe('shirt');
    });

    it('repairs a misspelt word and says so, and leaves a right one alone', async () => {
      const { index } = await start();
      for (const [typed, meant] of [
        ['haedphones', 'headphones'],
        ['leathr boots', 'leather boots'],
        ['runing shoess', 'running shoes'],
      ]) {
        const { correctedQuery, hits } = await index.search(typed ?? '', 10);
        expect(correctedQuery).toBe(meant);
        expect(hits.length).toBeGreaterThan(0);
      }
      expect((await index.search('leather boots', 10)).correctedQuery).toBeNull();
    });

    it('takes the last word for the beginning of one', async () => {
      const { ids, index } = await start();
      expect(await ids('leather bo')).toContain('boots');
      expect(await ids('headph')).toContain('phones');
      expect((await index.search('headph', 10)).correctedQuery).toBeNull();
    });

    it('reads scripts without spaces, and stop words where there is nothing else', async () => {
      const { ids } = await start();
      expect(await ids('東京')).toContain('tokyo');
      expect(await ids('the who')).toContain('who');
    });

    it('keeps to the filter, to k and to what it says is there', async () => {
      const { index, catalogue } = await start();
      const filter = keep('item.brand == "Acme" && item.year < 2022.0');
      const { hits, total } = await index.search('shoes shirt boots', 10, filter);
      expect(hits.map(({ id }) => id)).toEqual(['shoes']);
      expect(total).toBe(1);
      const cut = await index.search('running headphones', 1);
      expect(cut.hits).toHaveLength(1);
      expect(cut.total).toBeGreaterThan(2);
      expect(cut.matching === undefined || cut.matching.count() >= cut.total).toBe(true);
      const excluded = { ...keep('true'), excluded: new Set(['phones']) };
      expect((await index.search('headphones', 10, excluded)).hits.map(({ id }) => id)).toEqual(['phones3']);
      expect(await index.size()).toBe(catalogue.size);
    });

    it('finds what was put, as it is now, and not what is gone', async () => {
      const { catalogue, index, ids } = await start();
      const tent = item('tent', 'Yellow tent');
      catalogue.put(tent);
      await index.upsert([tent]);
      expect(await ids('tent')).toEqual(['tent']);
      const kayak = item('tent', 'Yellow kayak');
      catalogue.put(kayak);
      await index.upsert([kayak]);
      expect(await ids('kayak')).toEqual(['tent']);
      expect(await ids('tent')).not.toContain('tent');
      catalogue.remove('tent');
      await index.remove(['tent', 'never-there']);
      expect(await ids('kayak')).not.toContain('tent');
      expect(await index.size()).toBe(shop.length);
      catalogue.put(tent);
      await index.upsert([tent]);
      expect(await ids('yellow tent')).toEqual(['tent']);
    });

    it('starts empty and grows', async () => {
      const { catalogue, index, ids } = await start([]);
      expect(await ids('anything')).toEqual([]);
      const first = item('first', 'Something');
      catalogue.put(first);
      await index.upsert([first]);
      expect(await ids('something')).toEqual(['first']);
    });

    it('suggests titles while typing, slips forgiven', async () => {
      const { index } = await start();
      expect((await index.suggest('head', 5)).map(({ text }) => text)).toContain('Headphones WH-1000XM4');
      expect((await index.suggest('haedphones w', 5)).map(({ text }) => text)).toContain('Headphones WH-1000XM4');
      expect(await index.suggest('headphones', 1)).toHaveLength(1);
      const older = await index.suggest('headphones', 5, keep('item.year < 2020.0'));
      expect(older.map(({ text }) => text)).toEqual(['Headphones WH-1000XM3']);
      expect(await index.suggest('', 5)).toEqual([]);
    });

    it('has an answer for any text', async () => {
      const { index } = await start();
      const odd = [
        '',
        '   ',
        '!?…—',
        '\u0000\u0007',
        '🎈🎈',
        'שלום',
        'and the of',
        'x'.repeat(10_000),
        'red '.repeat(2500),
        '\ud800',
        '"',
        '\\',
        '%00',
        '__proto__',
        'constructor',
      ];
      for (const query of odd) {
        const { hits, total } = await index.search(query, 5);
        expect(hits.length).toBeLessThanOrEqual(Math.min(5, total));
        await index.suggest(query, 5);
      }
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.lorem()),
          fc.integer({ min: 0, max: 20 }),
          async (query, k) => {
            const { hits, total } = await index.search(query, k);
            expect(hits.length).toBeLessThanOrEqual(k);
            expect(hits.length).toBeLessThanOrEqual(total);
            expect(new Set(hits.map(({ id }) => id)).size).toBe(hits.length);
            for (const [i, { score, features }] of hits.entries()) {
              expect(score).toBeGreaterThanOrEqual(0);
              expect(score).toBeLessThanOrEqual(hits[i - 1]?.score ?? Number.POSITIVE_INFINITY);
              expect(Object.values(features).every(Number.isFinite)).toBe(true);
            }
            expect((await index.suggest(query, k)).length).toBeLessThanOrEqual(k);
          },
        ),
        { numRuns: 200 },
      );
    });

    it('says the same after any changes as an index built of what is there', async () => {
      const titles = fc.constantFrom('red shoes', 'blue shoes', 'green hat', 'hat and gloves', 'red red wine', '');
      const change = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), title: fc.option(titles, { nil: undefined }) });
      await fc.assert(
        fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
          const live = await start([]);
          for (const { id, title } of changes) {
            if (title === undefined) {
              live.catalogue.remove(id);
              await live.index.remove([id]);
            } else {
              live.catalogue.put(item(id, title));
              await live.index.upsert([item(id, title)]);
            }
          }
          const fresh = await start([...live.catalogue.items()]);
          for (const query of ['red', 'shoes', 'hat', 'red shoes', 'gloves']) {
            expect((await live.ids(query)).sort()).toEqual((await fresh.ids(query)).sort());
          }
        }),
        { numRuns: 50 },
      );
    });
  });
}
