import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../catalogue/createCatalogue.ts';
import type { Item } from '../domain/item.ts';
import { checkItem } from './check.ts';
import type { Constraint, ItemFilter } from './itemFilter.ts';
import { parseExpression } from './parse.ts';
import { createPlanner, type FilterPlanner } from './planner.ts';
import { environment, scope } from './testing.ts';

const BRANDS = ['Acme', 'Bolt', 'Cord', "d'Or", 'a"b\\c', ''];
const GENRES = ['metal', 'jazz', 'heavy metal', ''];

const fieldsArbitrary = fc.record(
  {
    title: fc.constantFrom('Alpha', 'beta', 'Gamma ray'),
    brand: fc.constantFrom(...BRANDS),
    genres: fc.array(fc.constantFrom(...GENRES), { maxLength: 3 }),
    year: fc.constantFrom(1989, 1990, 1990.5, 2000, -1, 0),
    price: fc.constantFrom(0, 1, 2.5, 1000),
    available: fc.boolean(),
    until: fc.constantFrom(scope.now - 1, scope.now, scope.now + 86_400_000),
  },
  { requiredKeys: [] },
);

const string = fc.constantFrom(...BRANDS, ...GENRES).map((text) => JSON.stringify(text));
const number = fc.constantFrom('1990', '1990.5', '0', '-1', '2000', 'user.age', 'user.score', 'request.context.hour');
const comparison = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
const equality = fc.constantFrom('==', '!=');
const numberField = fc.constantFrom('item.year', 'item.price');

const leaf = fc.oneof(
  fc.tuple(numberField, comparison, number).map((parts) => parts.join(' ')),
  fc.tuple(number, comparison, numberField).map((parts) => parts.join(' ')),
  fc.tuple(numberField, comparison, numberField).map((parts) => parts.join(' ')),
  fc
    .tuple(numberField, fc.constantFrom('[1990, 0]', '[]', '[1990.5]', '[user.age, 2000]'))
    .map(([field, list]) => `${field} in ${list}`),
  fc.tuple(numberField, comparison).map(([field, op]) => `${field} * 2 - 1 ${op} 1999`),
  fc.constantFrom('item.year % 2 == 0', 'item.price / item.year > 1', '10 / item.price > 3'),
  fc.tuple(fc.constantFrom('item.brand', 'item.title', 'item.id'), equality, string).map((parts) => parts.join(' ')),
  fc
    .tuple(fc.constantFrom('item.brand', 'item.title', 'item.id'), fc.array(string, { maxLength: 3 }))
    .map(([field, list]) => `${field} in [${list}]`),
  fc.tuple(fc.constantFrom('item.brand', 'item.title', 'item.id'), comparison, string).map((parts) => parts.join(' ')),
  fc
    .tuple(fc.constantFrom('item.brand', 'item.title'), fc.constantFrom('contains', 'startsWith', 'endsWith'), string)
    .map(([field, method, text]) => `${field}.${method}(${text})`),
  fc.constantFrom(
    'item.id == "i1"',
    'item.id in ["i0", "i3", "nobody"]',
    'item.id != "i2"',
    'has(item.id)',
    'item.id == user.id',
  ),
  string.map((text) => `${text} in item.genres`),
  fc.constantFrom('user.region in item.genres', 'request.context.region in item.genres', 'item.brand in request.context.tags'),
  fc
    .tuple(fc.constantFrom('exists', 'all', 'exists_one'), string)
    .map(([macro, text]) => `item.genres.${macro}(g, g == ${text})`),
  fc
    .tuple(fc.constantFrom('exists', 'all'), fc.constantFrom('metal', 'a'))
    .map(([macro, text]) => `item.genres.${macro}(g, g.startsWith("${text}") && user.age > 3)`),
  fc.constantFrom(
    'item.genres.exists(g, g == item.brand)',
    'item.genres.exists(g, size(g) > user.score)',
    'size(item.genres) >= 2',
    'item.genres == ["metal"]',
    'item.genres[0] == "metal"',
    'item.genres.filter(g, g == "jazz").size() == 1',
  ),
  fc.constantFrom(
    'item.available',
    'item.available == true',
    'item.available != user.member',
    '!item.available',
    'item.available in [true]',
  ),
  fc.constantFrom(
    'item.until > now',
    'item.until == now',
    'now >= item.until',
    'item.until < timestamp("2030-01-01T00:00:00Z")',
    'item.until - duration("1h") > now',
    'item.until.getFullYear() == 2026',
  ),
  fc.constantFrom(
    'has(item.brand)',
    'has(item.genres)',
    'has(item.year)',
    'has(item.title)',
    'has(user.score)',
    'has(item.available)',
    'has(item.until)',
  ),
  fc.constantFrom(
    'user.age < 18',
    'user.score > 1',
    'true',
    'false',
    'request.route == "recommend"',
    'request.context.nope == 1',
    'request.context.nothing == null',
    'user.member',
  ),
  fc.constantFrom(
    '(has(item.year) ? item.year : 7) > 1',
    '(has(item.brand) || true) == true',
    'string(item.available) == "true"',
    'item.year == request.context.region',
    'item.brand == request.context.hour',
  ),
);

const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    leaf,
    fc.tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition')).map(([a, op, b]) => `(${a}) ${op} (${b})`),
    tie('condition').map((inner) => `!(${inner})`),
    fc.tuple(tie('condition'), tie('condition'), tie('condition')).map(([c, a, b]) => `((${c}) ? (${a}) : (${b}))`),
  ),
}));

const constraintArbitrary: fc.Arbitrary<Constraint> = fc.oneof(
  condition.map((source) => ({ kind: 'keep' as const, id: 'filter', expression: parseExpression(source, environment) })),
  fc.tuple(fc.option(condition, { nil: undefined }), condition).map(([when, deny]) => ({
    kind: 'policy' as const,
    id: 'policy',
    ...(when === undefined ? {} : { when: parseExpression(when, environment) }),
    deny: parseExpression(deny, environment),
  })),
);

const filterArbitrary: fc.Arbitrary<ItemFilter> = fc.record({
  constraints: fc.array(constraintArbitrary, { minLength: 1, maxLength: 3 }),
  bindings: fc.record({
    user: fc.constantFrom(scope.user, {}, { age: 5, score: 2, member: true, id: 'i1' }),
    request: fc.constant(scope.request),
    now: fc.constant(scope.now),
    userUnknown: fc.constantFrom(undefined, undefined, true as const),
  }),
  excluded: fc.subarray(['i0', 'i1', 'i2', 'nobody']).map((ids) => new Set(ids)),
});

const idOf = (row: number): string => `i${row}`;
const catalogueArbitrary = fc
  .array(fieldsArbitrary, { maxLength: 40 })
  .map((rows) => rows.map((fields, row): Item => ({ id: idOf(row), fields })));

async function agrees(planner: FilterPlanner, catalogue: ReturnType<typeof createCatalogue>, filter: ItemFilter): Promise<void> {
  const expected = [...catalogue.items()]
    .filter((item) => checkItem(filter, item).kept)
    .map((item) => catalogue.ordinal(item.id));
  expected.sort((a, b) => (a ?? 0) - (b ?? 0));
  const plan = planner.plan(filter);
  const upper = [...plan.bitset.toArray()];
  expect(plan.count).toBe(upper.length);
  if (plan.exact) expect(upper).toEqual(expected);
  else expect(upper).toEqual(expect.arrayContaining(expected));
  expect(Array.from({ length: catalogue.rows }, (_, row) => row).filter((row) => plan.has(row))).toEqual(expected);
  const resolved = await planner.plan(filter).resolve();
  expect(resolved.exact).toBe(true);
  expect([...resolved.bitset.toArray()]).toEqual(expected);
  expect(resolved.count).toBe(expected.length);
}

const RUNS = process.env['WINNOW_TEST_FULL'] === '1' ? 20_000 : 1_000;

describe('planned filters', { timeout: 600_000 }, () => {
  it('keep exactly what plain evaluation keeps, on any catalogue and any expression', async () => {
    await fc.assert(
      fc.asyncProperty(catalogueArbitrary, filterArbitrary, async (items, filter) => {
        const catalogue = createCatalogue(environment.fields, items);
        await agrees(createPlanner(catalogue), catalogue, filter);
      }),
      { numRuns: RUNS },
    );
  });

  it('follow live changes, from fresh plans and from remembered ones', async () => {
    const change = fc.tuple(fc.nat(50), fc.option(fieldsArbitrary, { nil: undefined }));
    await fc.assert(
      fc.asyncProperty(
        catalogueArbitrary,
        fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 4 }),
        fc.array(filterArbitrary, { maxLength: 3 }),
        async (items, rounds, filters) => {
          const catalogue = createCatalogue(environment.fields, items);
          const planner = createPlanner(catalogue);
          for (const filter of filters) await agrees(planner, catalogue, filter);
          for (const changes of rounds) {
            for (const [row, fields] of changes) {
              if (fields) catalogue.put({ id: idOf(row), fields });
              else catalogue.remove(idOf(row));
            }
            for (const filter of filters) await agrees(planner, catalogue, filter);
          }
        },
      ),
      { numRuns: RUNS / 5 },
    );
  });

  it('follow thousands of changes of one numeric field', async () => {
    const catalogue = createCatalogue(environment.fields, []);
    const planner = createPlanner(catalogue);
    const filter: ItemFilter = {
      constraints: [
        {
          kind: 'keep',
          id: 'filter',
          expression: parseExpression('item.year > 500 && item.year <= 1500 || item.brand == "b1"', environment),
        },
      ],
      bindings: scope,
      excluded: new Set(),
    };
    for (let i = 0; i < 6_000; i++) {
      catalogue.put({ id: idOf((i * 7919) % 2_500), fields: { year: (i * 31) % 2_000, brand: `b${i % 3}` } });
      if (i % 5 === 0) catalogue.remove(idOf((i * 31) % 2_500));
      if (i % 997 === 0) await agrees(planner, catalogue, filter);
    }
    await agrees(planner, catalogue, filter);
  });

  it('treats a value of the wrong type as plain evaluation does', async () => {
    const catalogue = createCatalogue(environment.fields, [
      { id: 'i0', fields: { year: 'old', brand: 5, genres: 'metal', available: 'yes', until: 'soon' } },
      { id: 'i1', fields: { year: 1990, brand: 'Acme', genres: ['metal'], available: true, until: scope.now } },
    ]);
    const planner = createPlanner(catalogue);
    for (const source of [
      'item.year > 1',
      'has(item.year)',
      '!has(item.year)',
      '(has(item.brand) || true) == true',
      '"metal" in item.genres',
      'item.available',
      'item.until >= now',
      'has(item.until) || true',
    ]) {
      await agrees(planner, catalogue, {
        constraints: [{ kind: 'keep', id: 'filter', expression: parseExpression(source, environment) }],
        bindings: scope,
        excluded: new Set(),
      });
    }
  });
});
