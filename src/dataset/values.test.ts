import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldDefinitionSchema } from '../config/schema.ts';
import { parseDate, parseTime } from './time.ts';
import { parseFields, parseValue } from './values.ts';

const TYPES = ['text', 'category', 'categories', 'number', 'boolean', 'date'] as const;
const definition = (type: string, more: object = {}) => fieldDefinitionSchema.parse({ type, ...more });

describe('parseValue', () => {
  it.each([
    ['text', ' kept as it is ', ' kept as it is '],
    ['text', 300, '300'],
    ['category', '007', '007'],
    ['categories', 'Action| Drama ||Action', ['Action', 'Drama']],
    ['categories', ['a', 7], ['a', '7']],
    ['categories', '|', undefined],
    ['number', ' 1e3 ', 1000],
    ['number', '-.5', -0.5],
    ['boolean', 'Yes', true],
    ['boolean', 0, false],
    ['date', '1998', Date.UTC(1998, 0)],
    ['date', '1998-06-12', Date.UTC(1998, 5, 12)],
    ['date', '897609600000', 897609600000],
    ['number', '', undefined],
    ['text', null, undefined],
  ])('reads as %s: %j', (type, cell, value) => {
    expect(parseValue(cell, definition(type))).toEqual({ value });
  });

  it.each([
    ['number', '1,234', 'is not a number'],
    ['number', 'NaN', 'is not a number'],
    ['number', 'Infinity', 'is not a number'],
    ['number', '1e999', 'is not a number'],
    ['boolean', 'maybe', 'is not a boolean'],
    ['date', 'yesterday', 'is not a time'],
    ['text', { a: 1 }, 'expected one text'],
  ])('refuses as %s: %j', (type, cell, reason) => {
    expect(parseValue(cell, definition(type))).toMatchObject({ reason: expect.stringContaining(reason) });
  });

  it('never fails, and never gives a number that is none', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), fc.jsonValue(), (type, cell) => {
        const parsed = parseValue(JSON.parse(JSON.stringify(cell)), definition(type));
        if ('value' in parsed && typeof parsed.value === 'number') expect(Number.isFinite(parsed.value)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('names the field that is wrong, and leaves missing ones out', () => {
    const fields = { title: definition('text'), year: definition('number', { column: 'y' }) };
    expect(parseFields(['x', ''], fields)).toEqual({ value: { title: 'x' } });
    expect(parseFields(['x', 'old'], fields)).toEqual({ reason: 'field year: "old" is not a number' });
  });
});

describe('parseTime', () => {
  it.each([
    ['964982703', 's', 964982703000],
    ['964982703.5', 's', 964982703500],
    ['964982703000', 'ms', 964982703000],
    ['1795394486990', 'auto', 1795394486990],
    ['2024-05-01T12:30:00Z', 'auto', Date.UTC(2024, 4, 1, 12, 30)],
    ['2024-05-01 12:30:00.123456', 'iso', Date.UTC(2024, 4, 1, 12, 30, 0, 123)],
    ['2024-05-01T12:30:00+02:00', 'iso', Date.UTC(2024, 4, 1, 10, 30)],
    ['2024-05-01', 'ms', Date.UTC(2024, 4, 1)],
  ] as const)('%s as %s', (text, unit, value) => {
    expect(parseTime(text, unit)).toEqual({ value });
  });

  it.each(['2024-02-30', '2024-13-01', '2024-05-01T25:00', '2024-05-01T10:00+99:00', 'now', '1e30', '12:30'])(
    'refuses %s',
    (text) => {
      expect(parseTime(text, 'auto')).toHaveProperty('reason');
    },
  );

  it('does not take a number for ISO 8601', () => {
    expect(parseTime('964982703', 'iso')).toHaveProperty('reason');
  });

  it('reads every date that JavaScript writes', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        expect(parseTime(date.toISOString(), 'iso')).toEqual({ value: date.getTime() });
        expect(parseDate(String(date.getTime() + 10_000))).toEqual({ value: date.getTime() + 10_000 });
      }),
    );
  });
});
