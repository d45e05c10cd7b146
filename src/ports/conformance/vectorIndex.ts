import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { createCatalogue } from '../../catalogue/createCatalogue.ts';
import { fieldDefinitionSchema } from '../../config/schema.ts';
import type { Item } from '../../domain/item.ts';
import { seededRandom } from '../../domain/random.ts';
import { checkItem } from '../../filters/check.ts';
import type { ItemFilter } from '../../filters/itemFilter.ts';
import { parseExpression } from '../../filters/parse.ts';
import { createPlanner, type FilterPlanner } from '../../filters/planner.ts';
import type { VectorEntry, VectorIndex } from '../vectorIndex.ts';

const DIMENSIONS = 16;
const FIELDS = {
  brand: fieldDefinitionSchema.parse({ type: 'category' }),
  year: fieldDefinitionSchema.parse({ type: 'number' }),
  title: fieldDefinitionSchema.parse({ type: 'text' }),
};
const ENVIRONMENT = { fields: FIELDS, userFields: {} };

export interface VectorIndexFixture {
  /** An index that knows the catalogue and its planner, filled with the entries. */
  open(entries: readonly VectorEntry[], catalogue: Catalogue, planner: FilterPlanner, dimensions: number): Promise<VectorIndex>;
  /** The share of the exact answer that a search must find. */
  readonly minRecall: number;
}

/** What every vector index must do, remote ones included. */
export function vectorIndexConformance(name: string, fixture: VectorIndexFixture): void {
  describe(`vector index: ${name}`, () => {
    const random = seededRandom(7);
    const vector = (): Float32Array => Float32Array.from({ length: DIMENSIONS }, () => random() * 2 - 1);
    let catalogue: Catalogue;
    let planner: FilterPlanner;
    let vectors: Map<string, Float32Array>;
    let index: VectorIndex;

    const itemOf = (i: number): Item => ({
      id: `item ${i}`,
      fields: { brand: `b${i % 50}`, title: `Number ${i}`, ...(i % 7 === 0 ? {} : { year: 1900 + (i % 120) }) },
    });

    beforeEach(async () => {
      const items = Array.from({ length: 1_500 }, (_, i) => itemOf(i));
      vectors = new Map(items.map((item) => [item.id, vector()]));
      catalogue = createCatalogue(FIELDS, items);
      planner = createPlanner(catalogue);
      index = await fixture.open(
        [...vectors].map(([id, values]) => ({ id, vector: values })),
        catalogue,
        planner,
        DIMENSIONS,
      );
    });
    afterEach(() => index.close());

    const filterOf = (source: string, excluded: readonly string[] = []): ItemFilter => ({
      constraints: [{ kind: 'keep', id: 'filter', expression: parseExpression(source, ENVIRONMENT) }],
      bindings: { user: {}, request: { route: 'recommend', scenario: '', context: {} }, now: 0 },
      excluded: new Set(excluded),
    });
    const score = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
    const exact = (query: Float32Array, k: number, filter?: ItemFilter): string[] =>
      [...vectors]
        .filter(([id]) => {
          const item = catalogue.get(id);
          return filter === undefined || (item !== undefined && checkItem(filter, item).kept);
        })
        .sort((a, b) => score(b[1], query) - score(a[1], query))
        .slice(0, k)
        .map(([id]) => id);

    it('scores certain items, and says which are not there', async () => {
      const [[first, vector] = ['', new Float32Array(DIMENSIONS)], [second, other] = ['', new Float32Array(DIMENSIONS)]] = [
        ...vectors,
      ];
      const [none, a, b] = await index.scores(vector, ['never-there', second, first]);
      expect(none).toBeUndefined();
      expect(a).toBeCloseTo(score(other, vector), 4);
      expect(b).toBeCloseTo(score(vector, vector), 4);
    });

    it('knows its size and dimensions', async () => {
      expect(index.dimensions).toBe(DIMENSIONS);
      expect(await index.size()).toBe(1_500);
    });

    it('finds the nearest by inner product, best first, with their scores', async () => {
      let found = 0;
      for (let i = 0; i < 20; i++) {
        const query = vector();
        const neighbours = await index.search(query, 50);
        expect(neighbours).toHaveLength(50);
        const scores = neighbours.map((neighbour) => neighbour.score);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
        for (const neighbour of neighbours) expect(neighbour.score).toBeCloseTo(score(vectors.get(neighbour.id)!, query), 4);
        const expected = new Set(exact(query, 50));
        found += neighbours.filter(({ id }) => expected.has(id)).length;
      }
      expect(found / (20 * 50)).toBeGreaterThanOrEqual(fixture.minRecall);
    });

    it.each([
      'item.year >= 1960',
      'item.brand == "b3"',
      'item.brand == "b3" && item.year < 1950',
      'item.id == "item 77"',
      'item.title.contains("7")',
      'item.title.contains("777")',
      'item.year > 3000',
      '!has(item.year)',
    ])('fills the list from what %s keeps', async (source) => {
      const filter = filterOf(source, ['item 3', 'item 14']);
      let found = 0;
      let all = 0;
      for (let i = 0; i < 5; i++) {
        const query = vector();
        const expected = new Set(exact(query, 40, filter));
        const neighbours = await index.search(query, 40, filter);
        expect(neighbours).toHaveLength(expected.size);
        expect(new Set(neighbours.map(({ id }) => id)).size).toBe(expected.size);
        for (const { id } of neighbours) expect(checkItem(filter, catalogue.get(id)!).kept).toBe(true);
        found += neighbours.filter(({ id }) => expected.has(id)).length;
        all += expected.size;
      }
      if (all > 0) expect(found / all).toBeGreaterThanOrEqual(fixture.minRecall);
    });

    it('finds what was put in, replaced or put back by the very next search', async () => {
      const query = vector();
      const near = query.map((value) => value * 10);
      catalogue.put({ id: 'new', fields: { brand: 'b1' } });
      await index.upsert([{ id: 'new', vector: near }]);
      expect((await index.search(query, 1))[0]?.id).toBe('new');
      expect((await index.search(query, 1, filterOf('item.brand == "b1"')))[0]?.id).toBe('new');
      await index.upsert([{ id: 'new', vector: near.map((value) => -value) }]);
      expect((await index.search(query, 1))[0]?.id).not.toBe('new');
      await index.upsert([{ id: 'item 5', vector: near }]);
      expect((await index.search(query, 1))[0]?.id).toBe('item 5');
      await index.remove(['item 5', 'nobody']);
      expect((await index.search(query, 3)).map(({ id }) => id)).not.toContain('item 5');
      expect(await index.size()).toBe(1_500);
      await index.upsert([{ id: 'item 5', vector: near }]);
      expect((await index.search(query, 1))[0]?.id).toBe('item 5');
      expect(await index.size()).toBe(1_501);
    });

    it('takes a removal while a large insertion is still going on', async () => {
      const entries = Array.from({ length: 400 }, (_, i) => ({ id: `w${i}`, vector: vector() }));
      const inserting = index.upsert(entries);
      await index.remove(['w399', 'item 3']);
      await index.upsert([{ id: 'item 3', vector: vector() }]);
      await inserting;
      const found = (await index.search(vector(), 5_000)).map(({ id }) => id);
      expect(found).not.toContain('w399');
      expect(found).toContain('item 3');
      expect(found).toHaveLength(1_899);
      expect(await index.size()).toBe(1_899);
    });

    it('follows changes of the catalogue under a filter', async () => {
      const query = vector();
      const filter = filterOf('item.brand == "rare"');
      expect(await index.search(query, 10, filter)).toEqual([]);
      catalogue.put({ id: 'item 9', fields: { brand: 'rare' } });
      expect((await index.search(query, 10, filter)).map(({ id }) => id)).toEqual(['item 9']);
      catalogue.remove('item 9');
      expect(await index.search(query, 10, filter)).toEqual([]);
    });

    it('grows beyond what it began with and drops nothing', async () => {
      const more = Array.from({ length: 2_500 }, (_, i) => ({ id: `more ${i}`, vector: vector() }));
      for (const { id } of more) catalogue.put({ id, fields: { brand: 'more' } });
      await index.upsert(more);
      expect(await index.size()).toBe(4_000);
      const found = new Set<string>();
      for (const entry of more.slice(0, 50)) {
        vectors.set(entry.id, entry.vector);
        for (const { id } of await index.search(entry.vector, 20, filterOf(`item.id == "${entry.id}"`))) found.add(id);
      }
      expect(found.size).toBe(50);
      expect(await index.search(vector(), 4_000)).toHaveLength(4_000);
    });

    it('answers odd sizes, and refuses odd vectors by name', async () => {
      expect(await index.search(vector(), 0)).toEqual([]);
      expect(await index.search(vector(), 10_000)).toHaveLength(1_500);
      await index.remove([...vectors.keys()]);
      expect(await index.search(vector(), 10)).toEqual([]);
      expect(await index.search(vector(), 10, filterOf('has(item.brand)'))).toEqual([]);
      await expect(index.search(new Float32Array(3), 10)).rejects.toThrow(/16 dimensions expected, 3 given/);
      await expect(index.upsert([{ id: 'bad', vector: new Float32Array(DIMENSIONS).fill(Number.NaN) }])).rejects.toThrow(/"bad"/);
      expect(await index.size()).toBe(0);
    });
  });
}
