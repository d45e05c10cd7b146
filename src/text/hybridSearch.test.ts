import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExactIndex } from '../adapters/hnsw/exactIndex.ts';
import { createTextIndex } from '../adapters/text/textIndex.ts';
import { createCatalogue } from '../catalogue/createCatalogue.ts';
import { fieldDefinitionSchema } from '../config/schema.ts';
import type { ItemFilter } from '../filters/itemFilter.ts';
import { parseExpression } from '../filters/parse.ts';
import { createPlanner } from '../filters/planner.ts';
import type { TextEncoder } from '../ports/models.ts';
import { createHybridSearch } from './hybridSearch.ts';

const fields = { title: fieldDefinitionSchema.parse({ type: 'text' }), year: fieldDefinitionSchema.parse({ type: 'number' }) };
const titles = ['Red sofa', 'Crimson couch', 'Garden hose', 'Blue sofa', 'Sofa cover', 'Table lamp'];
const items = titles.map((title, i) => ({ id: title, fields: { title, year: 2000 + i } }));

/** Meaning for the test: three things a text can be about. */
const topics = [/sofa|couch|settee/i, /red|crimson/i, /hose|garden/i];
const encoder: TextEncoder = {
  id: 'topics',
  dimensions: 3,
  async embed(texts) {
    return texts.map((text) => {
      const vector = Float32Array.from(topics, (topic) => (topic.test(text) ? 1 : 0));
      const length = Math.hypot(...vector) || 1;
      return vector.map((value) => value / length);
    });
  },
};

async function world(semanticEncoder: TextEncoder | undefined, deadline = 1000) {
  const catalogue = createCatalogue(fields, items);
  const planner = createPlanner(catalogue);
  const index = createExactIndex({ dimensions: 3, filtering: { planner, catalogue } });
  const vectors = await encoder.embed(titles);
  await index.upsert(items.map(({ id }, i) => ({ id, vector: vectors[i] ?? new Float32Array(3) })));
  const failures: string[] = [];
  const search = createHybridSearch({
    catalogue,
    planner,
    lexical: createTextIndex({ catalogue, planner, config: { synonyms: [] } }),
    deadline,
    popularity: (ordinal) => ordinal,
    onFailure: (part) => failures.push(part),
    ...(semanticEncoder === undefined ? {} : { semantic: { encoder: semanticEncoder, index } }),
  });
  return { search, failures, catalogue };
}

const filter = (source = 'true', excluded: readonly string[] = []): ItemFilter => ({
  constraints: [{ kind: 'keep', id: 'filter', expression: parseExpression(source, { fields, userFields: {} }) }],
  bindings: { user: {}, request: { route: 'search', scenario: '', context: {} }, now: 0 },
  excluded: new Set(excluded),
});

describe('hybrid search', () => {
  it('puts what has the words first, and finds what only means it', async () => {
    const { search } = await world(encoder);
    const { candidates, total, degraded, notice } = await search('red sofa', filter(), 10);
    expect(candidates[0]?.id).toBe('Red sofa');
    expect(candidates.map(({ id }) => id)).toContain('Crimson couch');
    expect(candidates.map(({ id }) => id)).not.toContain('Garden hose');
    expect(candidates.find(({ id }) => id === 'Crimson couch')?.hits.map(({ source }) => source)).toEqual(['semantic']);
    expect(candidates.find(({ id }) => id === 'Red sofa')?.hits.map(({ source }) => source)).toEqual(['lexical', 'semantic']);
    expect(total).toBe(candidates.length);
    expect([degraded, notice]).toEqual([[], null]);
  });

  it('means the same in capitals', async () => {
    const read: string[] = [];
    const { search } = await world({
      ...encoder,
      embed: (texts) => {
        read.push(...texts);
        return encoder.embed(texts);
      },
    });
    const queries = ['red sofa', 'RED SOFA', 'RED SOFFA', 'Red sofa', 'ソファ 赤'];
    const answers = [];
    for (const query of queries) answers.push(await search(query, filter(), 10));
    expect(read).toEqual(['red sofa', 'red sofa', 'red sofa', 'Red sofa', 'ソファ 赤']);
    expect(answers[1]?.candidates).toEqual(answers[0]?.candidates);
  });

  it('reads only so much of a query, however long it is', async () => {
    const read: number[] = [];
    const embed: TextEncoder['embed'] = (texts) => {
      read.push(...texts.map(({ length }) => length));
      return encoder.embed(texts);
    };
    const { search } = await world({ ...encoder, embed });
    const { candidates } = await search(`red sofa ${'ever so long '.repeat(10_000)}`, filter(), 10);
    expect(candidates.map(({ id }) => id)).toContain('Red sofa');
    expect(Math.max(...read)).toBeLessThanOrEqual(2000);
  });

  it('says when nothing has the words, and answers by meaning', async () => {
    const { search } = await world(encoder);
    const { candidates, notice } = await search('settee', filter(), 10);
    expect(candidates.map(({ id }) => id)).toContain('Blue sofa');
    expect(notice).toMatch(/near in meaning/);
  });

  it('keeps what only means it out of a search in quotes', async () => {
    const { search } = await world(encoder);
    expect((await search('"red sofa"', filter(), 10)).candidates.map(({ id }) => id)).toEqual(['Red sofa']);
    const relaxed = await search('"sofa red"', filter(), 10);
    expect(relaxed.candidates.map(({ id }) => id)).toContain('Red sofa');
    expect(relaxed.notice).toMatch(/in quotes/);
    expect((await search('blue lamp', filter(), 10)).notice).toMatch(/all of these words/);
  });

  it('puts an item that is the query before everything else', async () => {
    const { search } = await world(encoder);
    for (const title of titles) {
      const [first, second] = (await search(title.toLowerCase(), filter(), 10)).candidates;
      expect(first?.id).toBe(title);
      expect((first?.match?.fused ?? 0) * 0.9).toBeGreaterThan((second?.match?.fused ?? 0) * 1.1);
    }
  });

  it('goes on with the words when meaning is late or away, and says so', async () => {
    for (const embed of [() => new Promise<never>(() => {}), () => Promise.reject(new Error('away'))]) {
      const { search, failures } = await world({ ...encoder, embed }, 20);
      const { candidates, degraded } = await search('sofa', filter(), 10);
      expect(candidates.map(({ id }) => id).sort()).toEqual(['Blue sofa', 'Red sofa', 'Sofa cover']);
      expect(degraded).toEqual(['retrieve.semantic']);
      expect(failures).toEqual(['semantic']);
    }
  });

  it('browses by popularity where nothing is asked, and answers nothing where no word is', async () => {
    const { search } = await world(undefined);
    const all = await search('  ', filter('item.year < 2003.0'), 2);
    expect(all.candidates.map(({ id }) => id)).toEqual(['Garden hose', 'Crimson couch']);
    expect(all.total).toBe(3);
    const none = await search('🎈 !!', filter(), 10);
    expect([none.candidates, none.total]).toEqual([[], 0]);
    expect(none.notice).toMatch(/no word/);
  });

  it('answers any text within k, the filter and the total', async () => {
    const { search, catalogue } = await world(encoder);
    const query = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.lorem(),
      fc.constantFrom('sofa', 'red', 'crimson soffa', 'table', ''),
    );
    await fc.assert(
      fc.asyncProperty(query, fc.integer({ min: 1, max: 8 }), fc.subarray(titles), async (text, k, excluded) => {
        const { candidates, total, matching } = await search(text, filter('item.year != 2005.0', excluded), k);
        expect(candidates.length).toBeLessThanOrEqual(Math.min(k, total));
        for (const { id, ordinal, match } of candidates) {
          expect(excluded).not.toContain(id);
          expect(catalogue.at(ordinal)?.fields['year']).not.toBe(2005);
          expect(matching.has(ordinal)).toBe(true);
          expect(match?.fused).toBeGreaterThanOrEqual(0);
          expect(match?.fused).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
      { numRuns: 200 },
    );
  });
});
