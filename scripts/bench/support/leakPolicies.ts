import type { Fields, Item } from '../../../src/domain/item.ts';
import type { JsonValue } from '../../../src/domain/json.ts';
import type { Random } from '../../../src/domain/random.ts';

/** What an oracle sees of a request. */
export interface Situation {
  readonly user: Fields;
  readonly context: Readonly<Record<string, JsonValue>>;
  readonly now: number;
}

/** True, false, or `undefined` where a value is missing: written without CEL, to check the answers that CEL let through. */
type Truth = boolean | undefined;
type Condition = (item: Item, situation: Situation) => Truth;

export interface OraclePolicy {
  readonly source: { readonly id: string; readonly when?: string; readonly deny: string };
  /** Whether the item may not be shown. */
  readonly forbids: (item: Item, situation: Situation) => boolean;
}

export const RATINGS = ['G', 'PG', 'R', 'X'];
export const REGIONS = ['DE', 'FR', 'US'];
export const GENRES = ['jazz', 'rock', 'heavy metal', 'folk'];

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const listOf = (value: unknown): readonly unknown[] | undefined => (Array.isArray(value) ? value : undefined);
const compare = (a: number | undefined, b: number | undefined, holds: (a: number, b: number) => boolean): Truth =>
  a === undefined || b === undefined ? undefined : holds(a, b);

const policy = (id: string, deny: string, denies: Condition, when?: string, applies?: Condition): OraclePolicy => ({
  source: { id, ...(when === undefined ? {} : { when }), deny },
  forbids: (item, situation) => (applies?.(item, situation) ?? true) !== false && denies(item, situation) !== false,
});

const templates: readonly ((random: Random) => OraclePolicy)[] = [
  (random) => {
    const age = 5 + Math.floor(random() * 20);
    const ratings = RATINGS.filter(() => random() < 0.5);
    return policy(
      'age',
      `item.rating in ${JSON.stringify(ratings)}`,
      ({ fields }) => {
        const rating = textOf(fields['rating']);
        return rating === undefined ? undefined : ratings.includes(rating);
      },
      `user.age < ${age}`,
      (_, { user }) => compare(numberOf(user['age']), age, (a, b) => a < b),
    );
  },
  () =>
    policy('region', '!(request.context.region in item.regions)', ({ fields }, { context }) => {
      const regions = listOf(fields['regions']);
      return regions === undefined || context['region'] === undefined ? undefined : !regions.includes(context['region']);
    }),
  () =>
    policy('licence', 'item.licensedUntil <= now', ({ fields }, { now }) =>
      compare(numberOf(fields['licensedUntil']), now, (a, b) => a <= b),
    ),
  (random) => {
    const least = Math.floor(random() * 4);
    return policy('stock', `item.stock <= ${least}`, ({ fields }) => compare(numberOf(fields['stock']), least, (a, b) => a <= b));
  },
  (random) => {
    const age = 5 + Math.floor(random() * 20);
    return policy(
      'metal',
      '"heavy metal" in item.genres',
      ({ fields }) => listOf(fields['genres'])?.includes('heavy metal'),
      `has(user.age) && user.age < ${age}`,
      (_, { user }) => {
        const known = numberOf(user['age']);
        return known !== undefined && known < age;
      },
    );
  },
  () =>
    policy('taste', 'item.genres.exists(g, g == "folk" || g == user.avoids)', ({ fields }, { user }) => {
      const genres = listOf(fields['genres']);
      const avoids = textOf(user['avoids']);
      if (genres === undefined) return undefined;
      if (genres.some((genre) => genre === 'folk' || (avoids !== undefined && genre === avoids))) return true;
      return genres.length > 0 && avoids === undefined ? undefined : false;
    }),
  () =>
    policy('budget', 'item.price * 1.5 + item.fee > user.budget', ({ fields }, { user }) => {
      const price = numberOf(fields['price']);
      const fee = numberOf(fields['fee']);
      return compare(
        price === undefined || fee === undefined ? undefined : price * 1.5 + fee,
        numberOf(user['budget']),
        (a, b) => a > b,
      );
    }),
  (random) => {
    const ids = Array.from({ length: 5 }, () => `i${Math.floor(random() * 60)}`);
    return policy('recalled', `item.id in ${JSON.stringify(ids)}`, ({ id }) => ids.includes(id));
  },
  () => policy('words', 'item.title.contains("night")', ({ fields }) => textOf(fields['title'])?.includes('night')),
  (random) => {
    const hour = Math.floor(random() * 24);
    return policy(
      'hours',
      'item.rating == "R" ? !item.cut : item.rating == "X"',
      ({ fields }) => {
        const rating = textOf(fields['rating']);
        const { cut } = fields;
        if (rating === undefined) return undefined;
        return rating === 'R' ? (typeof cut === 'boolean' ? !cut : undefined) : rating === 'X';
      },
      `request.context.hour < ${hour}`,
      (_, { context }) => compare(numberOf(context['hour']), hour, (a, b) => a < b),
    );
  },
];

export const drawPolicies = (random: Random): OraclePolicy[] =>
  templates.filter(() => random() < 0.2).map((template) => template(random));

/** Filters that requests send, with what they mean. */
export interface OracleFilter {
  readonly source: string;
  readonly keeps: (item: Item) => Truth;
}

export function drawFilter(random: Random): OracleFilter | undefined {
  const price = Math.floor(random() * 100);
  const filters: readonly (OracleFilter | undefined)[] = [
    undefined,
    undefined,
    { source: `item.price < ${price}`, keeps: ({ fields }) => compare(numberOf(fields['price']), price, (a, b) => a < b) },
    { source: 'item.title.startsWith("g")', keeps: ({ fields }) => textOf(fields['title'])?.startsWith('g') },
    {
      source: `item.price >= ${price} && "rock" in item.genres`,
      keeps: ({ fields }) =>
        compare(numberOf(fields['price']), price, (a, b) => a >= b) === true &&
        listOf(fields['genres'])?.includes('rock') === true,
    },
    { source: '!has(item.rating)', keeps: ({ fields }) => fields['rating'] === undefined },
  ];
  return filters[Math.floor(random() * filters.length)];
}

/** Rules that try to bring up what policies forbid. */
export function drawRules(random: Random): JsonValue {
  const id = (): string => `i${Math.floor(random() * 70)}`;
  const drawn: JsonValue[] = [
    { id: 'pin-1', where: `item.id == "${id()}"`, pin: 1 + Math.floor(random() * 5) },
    { id: 'pin-2', where: `item.id in ["${id()}", "${id()}"]`, pin: 1 },
    { id: 'pin-3', where: 'item.rating == "X"', pin: 2 },
    { id: 'up', where: 'item.rating == "R" || item.stock == 0', multiply: 100 },
    { id: 'more', where: '"heavy metal" in item.genres', add: 1000 },
    { id: 'down', where: 'item.price > 50', bury: true },
    { id: 'none', where: `item.id == "${id()}"`, hide: true },
    { id: 'cap', capPer: 'rating', max: 2 },
    { id: 'mix', diversify: 'vectors', strength: 0.5 },
    { id: 'share', quota: 'popularity', max: 3 },
  ];
  return drawn.filter(() => random() < 0.3);
}
