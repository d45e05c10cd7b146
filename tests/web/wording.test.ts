import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSchema, type FieldDefinitions } from '../../src/config/schema.ts';
import type { Fields } from '../../src/domain/item.ts';
import { parseExpression } from '../../src/filters/parse.ts';
import { anyOf, chips, figure, signed, titleOf } from '../../web/src/wording.ts';

const about = {
  title: 'Test',
  itemTitle: 'title',
  fields: { title: { type: 'text' }, genres: { type: 'categories' }, maker: { type: 'category' }, year: { type: 'number' } },
  userFields: {},
  eventTypes: [],
};
const { fields }: { fields: FieldDefinitions } = configSchema.parse({
  dataset: { items: { source: 'x', id: 'id' } },
  fields: about.fields,
});

describe('filters made from facets', () => {
  it('keep exactly the items with one of the values, whatever characters are in them', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 }),
        fc.string(),
        (values, other) => {
          const keeps = (field: string, fieldValues: Fields) =>
            parseExpression(anyOf(about, field, values), { fields, userFields: {} }).evaluate({
              item: { id: 'i1', fields: fieldValues },
              user: {},
              request: { route: 'search', scenario: '', context: {} },
              now: 0,
            });
          for (const value of [...values, other]) {
            expect(keeps('maker', { maker: value })).toBe(values.includes(value));
            expect(keeps('genres', { genres: ['something else', value] })).toBe(
              values.some((one) => one === value || one === 'something else'),
            );
          }
        },
      ),
    );
  });

  it('compare numbers as numbers', () => {
    expect(anyOf(about, 'year', [1999])).toBe('item.year == 1999');
  });
});

describe('words for items', () => {
  it('name bare numbers, leave out the title and what is missing', () => {
    const { chosenBy, others } = chips(about, { title: 'Long', genres: ['a', 'b'], year: 1999 });
    expect(others).toEqual([]);
    expect(chosenBy.map(({ text }) => text)).toEqual(['a, b', 'year 1999']);
  });

  it('put first what people choose by', () => {
    const faceted = { ...about, fields: { ...about.fields, maker: { type: 'category', facet: true } } };
    const { chosenBy, others } = chips(faceted, { maker: 'Acme', year: 1999 });
    expect([chosenBy.map(({ name }) => name), others.map(({ name }) => name)]).toEqual([['maker'], ['year']]);
  });

  it('fall back on the id', () => {
    expect(titleOf(about, { id: 'i1', fields: {} })).toBe('i1');
  });

  it('round to what can be read', () => {
    expect([figure(0.123456), figure(12345.6), signed(0.5), signed(-0.25), signed(0)]).toEqual([
      '0.123',
      '12,346',
      '+0.5',
      '−0.25',
      '0',
    ]);
  });
});
