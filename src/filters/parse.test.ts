import { describe, expect, it } from 'vitest';
import { UserError } from '../domain/errors.ts';
import { parseExpression } from './parse.ts';
import { environment, scope } from './testing.ts';

const evaluate = (source: string, fields = {}, more = {}) =>
  parseExpression(source, environment).evaluate({ ...scope, ...more, item: { id: 'i1', fields } });

const fault = (source: string): UserError => {
  try {
    parseExpression(source, environment);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error(`accepted: ${source}`);
};

describe('expressions', () => {
  it('compare number fields with whole and fractional literals', () => {
    const fields = { year: 1990 };
    expect(evaluate('item.year >= 1990', fields)).toBe(true);
    expect(evaluate('item.year >= 1990.5', fields)).toBe(false);
    expect(evaluate('item.year == 1990', fields)).toBe(true);
    expect(evaluate('1990 == item.year', fields)).toBe(true);
    expect(evaluate('item.year in [1990, 1990.5]', fields)).toBe(true);
    expect(evaluate('item.year != 1991', fields)).toBe(true);
    expect(evaluate('item.year % 10 == 0 && item.year / 2 == 995 && -item.year < 0', fields)).toBe(true);
    expect(evaluate('item.year * 2 > 3979.5 && item.year + 1 == 1991', fields)).toBe(true);
  });

  it('read lists, ids, dates, users, requests and now', () => {
    const fields = { genres: ['metal', 'live'], until: Date.parse('2027-01-01') };
    expect(evaluate('"metal" in item.genres', fields)).toBe(true);
    expect(evaluate('size(item.genres) == 2', fields)).toBe(true);
    expect(evaluate('item.genres.exists(g, g.startsWith("me"))', fields)).toBe(true);
    expect(evaluate('item.id == "i1"')).toBe(true);
    expect(evaluate('item.until > now', fields)).toBe(true);
    expect(evaluate('item.until > timestamp("2026-06-01T00:00:00Z")', fields)).toBe(true);
    expect(evaluate('item.until - duration("24h") > now', fields)).toBe(true);
    expect(evaluate('user.id == "u1" && user.age > 17')).toBe(true);
    expect(evaluate('request.context.hour >= 18 && request.context.hour in [18, 19]')).toBe(true);
    expect(evaluate('request.context.hour == 18 && request.route == "recommend" && request.scenario == "home"')).toBe(true);
    expect(evaluate('request.context.tags.exists(t, t == "a")')).toBe(true);
    expect(evaluate('"DE" == request.context["region"]')).toBe(true);
  });

  it('fail on a missing value, and has() tells', () => {
    expect(() => evaluate('item.year > 1')).toThrow(/year/);
    expect(() => evaluate('user.score > 1')).toThrow(/score/);
    expect(() => evaluate('request.context.nope == 1')).toThrow(/nope/);
    expect(evaluate('has(item.year)')).toBe(false);
    expect(evaluate('has(item.year)', { year: 1 })).toBe(true);
    expect(evaluate('has(item.year) && item.year > 1')).toBe(false);
    expect(evaluate('has(request.context.nope)')).toBe(false);
    expect(evaluate('item.year > 1 || true')).toBe(true);
  });

  it('a value of another type than the field is an error, not a match', () => {
    expect(() => evaluate('item.year == 5', { year: 'five' })).toThrow();
    expect(() => evaluate('"a" in item.genres', { genres: 'a' })).toThrow();
  });

  it.each([
    ['item.price / item.year > 1', { price: 3, year: 0 }],
    ['item.price / (item.year - 5) < 1', { price: 3, year: 5 }],
    ['item.price % item.year == 0', { price: 3, year: 0 }],
    ['0 / item.year > 1', { year: -0 }],
    ['item.price / size(item.genres) > 1', { price: 3, genres: [] }],
    ['size(item.title) / size(item.genres) > 1', { title: 'a', genres: [] }],
    ['item.price / request.context.nought > 1', { price: 3 }],
    ['true ? 1 / item.year > 1 : false', { year: 0 }],
    ['[item.price / item.year].exists(x, x > 1)', { price: 1, year: 0 }],
  ])('%s has no value where it divides by zero', (source, fields) => {
    expect(() => evaluate(source, fields)).toThrow(/zero/);
  });

  it('divides by anything else', () => {
    expect(evaluate('item.price / item.year == 1.5', { price: 3, year: 2 })).toBe(true);
    expect(evaluate('item.price / size(item.genres) == 1.5', { price: 3, genres: ['a', 'b'] })).toBe(true);
    expect(evaluate('item.price / request.context.hour / 2 == 0.5', { price: 18 })).toBe(true);
  });

  it('the same source gives the same object', () => {
    expect(parseExpression('item.year > 3', environment)).toBe(parseExpression('item.year > 3', environment));
  });

  it('tells what is read', () => {
    const expression = parseExpression('item.year > 3 && user.age < request.context.limit && now > item.until', environment);
    expect([...expression.reads].sort()).toEqual(['item.until', 'item.year', 'now', 'request.context', 'user.age']);
    expect(expression.readsItem).toBe(true);
    expect(parseExpression('user.age < 7', environment).readsItem).toBe(false);
  });

  it.each([
    ['item.colour == "red"', 'unknown field "item.colour"'],
    ['has(item.colour)', 'unknown field "item.colour"'],
    ['item.year == "x"', 'no such overload'],
    ['item.year', 'a condition is expected'],
    ['item.year > 1 &&\n  foo(3)', 'unknown function "foo"'],
    ['item.title.matches("(a+)+$")', 'matches() is not supported'],
    ['item.year / 0 > 1', 'division by zero'],
    ['item.year % (1 - 1) == 0', 'division by zero'],
    ['1 / 0 == 1', 'division by zero'],
    ['item.until > timestamp("soon")', 'timestamp'],
    ['item.year >', 'Unexpected token'],
    ['item["year"] == 1', '"item" is used by naming'],
    ['nobody.age > 3', 'unknown name "nobody"'],
    ['cel.bind(x, "a", x == x)', 'unknown function'],
    ['google.protobuf == 3', 'unknown name'],
    ['[1].exists(item, item == 1)', 'cannot be the name'],
    ['b"abc".size() == 3', 'bytes'],
    ['{"a": 1} == {}', ''],
    ['', 'empty'],
    ['item.genres.all(a, item.genres.all(b, item.genres.all(c, a == b)))', 'too costly'],
  ])('refuses %s', (source, message) => {
    const error = fault(source);
    expect(error.status).toBe(400);
    expect(error.message).toContain(message);
    expect(error.issues[0]?.line).toBeGreaterThan(0);
    expect(error.issues[0]?.column).toBeGreaterThan(0);
  });

  it('names line and column', () => {
    expect(fault('item.year > 1 &&\n  foo(3)').issues[0]).toMatchObject({ path: 'filter', line: 2 });
    expect(fault('item.colour == "red"').message).toContain('line 1, column');
  });

  it.each([
    ['parentheses', '('.repeat(50_000) + ')'.repeat(50_000)],
    ['open parentheses', '('.repeat(8_000)],
    ['brackets', '['.repeat(8_000)],
    ['negations', `${'!'.repeat(8_000)}true`],
    ['minus signs', `${'-'.repeat(8_000)}1 < 2`],
    ['ternaries', `${'true?'.repeat(2_000)}true`],
    ['terms', Array(1_200).fill('item.year>1').join('||')],
    ['a long list', `item.year in [${Array(1_500).fill(1).join(',')}]`],
    ['field accesses', `request.context${'.a'.repeat(5_000)} == 1`],
    ['a long name', 'a'.repeat(16_000)],
    ['a NUL', 'item.year > \u0000'],
  ])('refuses %s with a position', (_name, source) => {
    const error = fault(source);
    expect(error.issues[0]?.column).toBeGreaterThan(0);
    expect(error.message.length).toBeLessThan(500);
  });
});
