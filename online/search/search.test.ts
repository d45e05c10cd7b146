import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextIndex } from '../../src/adapters/text/textIndex.ts';
import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import { type FieldDefinitions, fieldDefinitionSchema } from '../../src/config/schema.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { Impression } from '../../src/domain/event.ts';
import type { Fields } from '../../src/domain/item.ts';
import { Bitset } from '../../src/filters/bitset.ts';
import type { Constraint, ItemFilter } from '../../src/filters/itemFilter.ts';
import { parseExpression } from '../../src/filters/parse.ts';
import { createPlanner } from '../../src/filters/planner.ts';
import { createSearchAnalytics } from './analytics.ts';
import { facetCounts } from './facets.ts';
import { createHighlighter } from './highlight.ts';
import { parseSort } from './sort.ts';
import { createSuggester } from './suggest.ts';

const fields: FieldDefinitions = {
  title: fieldDefinitionSchema.parse({ type: 'text', searchBoost: 2 }),
  genres: fieldDefinitionSchema.parse({ type: 'categories', facet: true }),
  brand: fieldDefinitionSchema.parse({ type: 'category', facet: true }),
  year: fieldDefinitionSchema.parse({ type: 'number', facet: true }),
};
const environment = { fields, userFields: {} };
const item = (id: string, values: Fields) => ({ id, fields: values });
const items = [
  item('a', { title: 'Alpha', genres: ['x', 'y'], brand: 'Acme', year: 2000 }),
  item('b', { title: 'Beta', genres: ['y'], brand: 'Acme', year: 2001 }),
  item('c', { title: 'Gamma', genres: ['x'], brand: 'Nord' }),
  item('d', { title: 'Delta', brand: 'Nord', year: 2001 }),
];
const keep = (source: string): Constraint => ({ kind: 'keep', id: 'filter', expression: parseExpression(source, environment) });
const filter = (...constraints: Constraint[]): ItemFilter => ({
  constraints,
  bindings: { user: {}, request: { route: 'search', scenario: '', context: {} }, now: 0 },
  excluded: new Set(),
});
const catalogue = createCatalogue(fields, items);
const planner = createPlanner(catalogue);
const count = (facets: readonly string[], itemFilter: ItemFilter, matching = Bitset.full(4)) =>
  facetCounts({ catalogue, planner, environment, facets, filter: itemFilter, matching });

describe('facets', () => {
  it('count what matches, under the filters of the other facets', async () => {
    expect(await count(['genres', 'brand'], filter())).toEqual({
      genres: [
        { value: 'x', count: 2 },
        { value: 'y', count: 2 },
      ],
      brand: [
        { value: 'Acme', count: 2 },
        { value: 'Nord', count: 2 },
      ],
    });
    const chosen = filter(keep('item.brand == "Acme" && "x" in item.genres'));
    expect(await count(['brand', 'genres', 'year'], chosen)).toEqual({
      brand: [
        { value: 'Acme', count: 1 },
        { value: 'Nord', count: 1 },
      ],
      genres: [
        { value: 'y', count: 2 },
        { value: 'x', count: 1 },
      ],
      year: [{ value: 2000, count: 1 }],
    });
  });

  it('never leave a policy out, nor a condition that is about more than the facet', async () => {
    const policy: Constraint = { kind: 'policy', id: 'p', deny: parseExpression('item.brand == "Nord"', environment) };
    expect(await count(['brand'], filter(policy))).toEqual({ brand: [{ value: 'Acme', count: 2 }] });
    const mixed = filter(keep('item.brand == "Acme" || item.year > 2000.0'));
    expect(await count(['brand'], mixed)).toEqual({
      brand: [
        { value: 'Acme', count: 2 },
        { value: 'Nord', count: 1 },
      ],
    });
  });

  it('count only what matches the query, and refuse what is no facet', async () => {
    const matching = new Bitset(4);
    matching.add(2);
    expect(await count(['brand'], filter(), matching)).toEqual({ brand: [{ value: 'Nord', count: 1 }] });
    await expect(count(['title'], filter())).rejects.toThrow(/title.*not a facet.*genres, brand, year/);
    await expect(count(['__proto__'], filter())).rejects.toThrow(UserError);
  });

  it('equal the totals a shopper gets by choosing the value', async () => {
    const sources = ['item.year == 2001.0', '"y" in item.genres', 'item.brand == "Nord"'];
    await fc.assert(
      fc.asyncProperty(fc.subarray(sources), async (chosen) => {
        const others = chosen.filter((source) => !source.includes('brand'));
        const { brand = [] } = await count(['brand'], filter(...chosen.map(keep)));
        for (const { value, count: times } of brand) {
          const plan = planner.plan(filter(...others.map(keep), keep(`item.brand == ${JSON.stringify(value)}`)));
          expect(items.filter((_, ordinal) => plan.has(ordinal))).toHaveLength(times);
        }
      }),
    );
  });
});

describe('highlights', () => {
  const marked = (title: string, query: string, corrected: string | null = null, length = 240) =>
    createHighlighter(fields, 'en', { length })(query, corrected)(item('i', { title }))['title'];

  it('mark words in any form and the beginning being typed, and escape the rest', () => {
    expect(marked('Running <b>shoes</b> & more', 'run shoe')).toBe(
      '<mark>Running</mark> &lt;b&gt;<mark>shoes</mark>&lt;/b&gt; &amp; more',
    );
    expect(marked('Headphones', 'headph')).toBe('<mark>Headphones</mark>');
    expect(marked('Headphones', 'haedphones', 'headphones')).toBe('<mark>Headphones</mark>');
    expect(marked('Hats', 'shoes')).toBeUndefined();
    expect(marked('Sony WH-1000XM4', 'wh1000xm4')).toBe('Sony <mark>WH-1000XM4</mark>');
    expect(marked('AB-1036/1', 'ab1036/1')).toBe('<mark>AB-1036</mark>/<mark>1</mark>');
    expect(marked('Red backpacks', 'back pack')).toBe('Red <mark>backpacks</mark>');
    expect(marked('The cat', 'the cat')).toBe('The <mark>cat</mark>');
  });

  it('read each field in its own language', () => {
    const texts = {
      title: fieldDefinitionSchema.parse({ type: 'text' }),
      de: fieldDefinitionSchema.parse({ type: 'text', language: 'de' }),
    };
    const both = createHighlighter(texts, 'en')('wiesen running', null)(item('i', { title: 'Wiese, run', de: 'Wiese, run' }));
    expect(both).toEqual({ title: 'Wiese, <mark>run</mark>', de: '<mark>Wiese</mark>, run' });
  });

  it('cut a long text to where the matches are', () => {
    const snippet = marked(`${'word '.repeat(200)}red wine here ${'word '.repeat(200)}`, 'red wine', null, 60) ?? '';
    expect(snippet).toContain('<mark>red</mark> <mark>wine</mark>');
    expect(snippet.startsWith('…') && snippet.endsWith('…')).toBe(true);
    expect(snippet.length).toBeLessThan(130);
  });

  it('never emit markup of the text or of the query', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('<script>', '"><img src=x>', '&amp;', "' onload='", '<mark>'),
      fc.lorem(),
    );
    fc.assert(
      fc.property(fc.array(nasty), nasty, fc.integer({ min: 10, max: 80 }), (parts, query, length) => {
        const text = `${parts.join(' ')} alpha ${parts.join('')}`;
        const html = marked(text, `${query} alpha`, null, length) ?? '';
        const rest = html.replaceAll('<mark>', '').replaceAll('</mark>', '');
        expect(rest).not.toMatch(/[<>"']/);
        expect(rest.replace(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
        expect(html.split('<mark>').length).toBe(html.split('</mark>').length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('sorting', () => {
  it('orders by fields, what has none last', () => {
    const by = (text: string) => [...items].sort(parseSort(text, fields)).map(({ id }) => id);
    expect(by('year,-title')).toEqual(['a', 'd', 'b', 'c']);
    expect(by('-year,title')).toEqual(['b', 'd', 'a', 'c']);
    expect(parseSort('', fields)).toBeUndefined();
  });

  it('refuses unknown and many-valued fields', () => {
    for (const text of ['price', '-__proto__', 'genres', 'year,', 'year,year,year,year,year']) {
      expect(() => parseSort(text, fields)).toThrow(UserError);
    }
  });
});

describe('completion', () => {
  it('gives what others searched, then titles, each once', async () => {
    const textIndex = createTextIndex({ catalogue, planner, config: { synonyms: [] } });
    const suggest = createSuggester({
      textIndex,
      popularQueries: () => [
        { query: 'alphabet soup', folded: 'alphabet soup', count: 10 },
        { query: 'ALPHA', folded: 'alpha', count: 3 },
      ],
    });
    expect((await suggest('Alp', 5)).map(({ text }) => text)).toEqual(['alphabet soup', 'ALPHA']);
    expect((await suggest('gam', 5)).map(({ text }) => text)).toEqual(['Gamma']);
    expect((await suggest('alhpabet', 5)).map(({ text }) => text)).toEqual(['alphabet soup']);
    expect(await suggest('zebra', 5)).toEqual([]);
    expect(await suggest('alphabet suop', 5)).toEqual([expect.objectContaining({ text: 'alphabet soup' })]);
    expect((await suggest('Alp', 5, filter(keep('item.brand == "Nord"')))).map(({ text }) => text)).not.toContain('Alpha');
    expect(await suggest('  ', 5)).toEqual([]);
  });
});

describe('completion by what others searched', () => {
  it('forgives slips in words, and never bends a code', async () => {
    const textIndex = createTextIndex({ catalogue, planner, config: { synonyms: [] } });
    const popular = ['camera dx-4410', 'camera dx-4411 bag'];
    const suggest = createSuggester({
      textIndex,
      popularQueries: () => popular.map((query) => ({ query, folded: query, count: 5 })),
    });
    const texts = async (typed: string) => (await suggest(typed, 5)).map(({ text }) => text);
    expect(await texts('camrea dx-44')).toEqual(popular);
    expect(await texts('camrea dx-4411')).toEqual([popular[1]]);
    expect(await texts('camera dx-4412')).toEqual([]);
    expect(await texts('camera dx-4401')).toEqual([]);
  });
});

describe('search analytics', () => {
  const search = (requestId: string, query: string, ids: readonly string[]): Impression => ({
    kind: 'impression',
    id: requestId,
    occurredAt: 0,
    requestId,
    route: 'search',
    query,
    items: ids.map((id, i) => ({ id, position: i + 1 })),
  });
  const click = (requestId: string, itemId: string) =>
    ({ kind: 'action', id: `${requestId}${itemId}`, type: 'click', occurredAt: 1, itemId, requestId }) as const;

  it('counts queries, what they found and where people clicked', () => {
    const analytics = createSearchAnalytics();
    for (const event of [
      // A click may come before its list: both are on their way to the log at the same time.
      click('1', 'b'),
      search('1', 'Café', ['a', 'b']),
      search('2', 'cafe', ['a']),
      click('1', 'a'),
      click('1', 'z'),
    ])
      analytics.take(event);
    for (const event of [search('3', 'nothing', []), search('4', '', ['a']), click('9', 'a')]) analytics.take(event);
    const report = analytics.report();
    expect(report.searches).toBe(3);
    expect(report.topQueries[0]).toEqual({ query: 'Café', searches: 2, clicks: 2, clickThrough: 0.5 });
    expect(report.noResultQueries.map(({ query }) => query)).toEqual(['nothing']);
    expect(report.clickPositions).toEqual([
      { position: 1, clicks: 1, shown: 2 },
      { position: 2, clicks: 1, shown: 1 },
    ]);
    // Two people are too few for it to be offered to others.
    expect(analytics.popular()).toEqual([]);
    analytics.take(search('5', 'café ', ['b']));
    expect(analytics.popular()).toEqual([{ query: 'Café', folded: 'cafe', count: 3 }]);
    for (const id of ['6', '7', '8', '9']) analytics.take({ ...search(id, 'my own name', ['b']), userId: 'u1' });
    expect(analytics.popular()).toHaveLength(1);
  });
});
