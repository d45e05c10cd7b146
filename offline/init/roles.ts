import { UserError } from '../../src/domain/errors.ts';
import type { ColumnSample } from './columnSample.ts';

const words = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');

const ITEM =
  /^(item|product|movie|film|article|content|asset|sku|asin|track|song|book|game|video|post|listing|offer|business|recipe)(_?(id|no|number|code))?$/;
const USER =
  /^(user|customer|member|visitor|account|person|client|reviewer|buyer|profile|subscriber|uid)(_?(id|no|number|code))?$/;
const TIME =
  /^(time|timestamp|ts|date|datetime|created|created_at|occurred_at|event_time|event_timestamp|unix_?review_?time|review_time|time_?stamp)$|_(time|timestamp|at|date)$/;

/** The column that tells a file's rows apart: filled and different in every row, and called like an id. */
function idColumn(
  columns: readonly ColumnSample[],
  source: string,
  option: string,
  named: string | undefined,
  kind: RegExp,
): string {
  if (named !== undefined) return exact(columns, named, source, option);
  const unique = columns.filter(
    (column) => column.rows > 0 && column.texts.length === column.rows && column.distinct === column.rows,
  );
  const best = pick(unique, [/^id$/, kind, /(^|_)(id|key|code|sku|isbn|asin)$/]);
  if (best !== undefined) return best.name;
  throw new UserError(
    `${source}: no column looks like an id (filled, and different in every row); name it with ${option}. The columns are ${columns.map(({ name }) => name).join(', ')}`,
  );
}

export const itemId = (columns: readonly ColumnSample[], source: string, named?: string): string =>
  idColumn(columns, source, '--item-id', named, ITEM);
export const userId = (columns: readonly ColumnSample[], source: string, named?: string): string =>
  idColumn(columns, source, '--user-id', named, USER);

/** At least one of user and session is there. */
export interface EventRoles {
  readonly item: string;
  readonly user?: string;
  readonly time: string;
  readonly unit: 's' | 'ms' | 'iso';
  readonly type?: string;
  readonly value?: string;
  readonly session?: string;
  readonly request?: string;
  readonly position?: string;
}

/**
 * Which column of an events file is what: the item's by its values, which are ids of the catalogue; the others by name and
 * kind of value.
 * @throws UserError where item, time, or both user and session can't be told
 */
export function eventRoles(
  columns: readonly ColumnSample[],
  source: string,
  isItem: (id: string) => boolean,
  itemColumn: string,
): EventRoles {
  const taken = new Set<string>();
  const take = (column: ColumnSample | undefined): string | undefined => {
    if (column !== undefined) taken.add(column.name);
    return column?.name;
  };
  const free = () => columns.filter(({ name }) => !taken.has(name));
  const need = (column: ColumnSample | undefined, what: string): ColumnSample => {
    if (column !== undefined) return column;
    throw new UserError(`${source}: no column looks like ${what}; its columns are ${columns.map(({ name }) => name).join(', ')}`);
  };
  const known = (column: ColumnSample) => column.texts.filter(isItem).length / Math.max(1, column.texts.length);
  const ofItems = free().filter((column) => known(column) >= 0.5);
  const item = need(
    ofItems.find(({ name }) => name === itemColumn) ?? pick(ofItems, [ITEM]) ?? ofItems.sort((a, b) => known(b) - known(a))[0],
    'the item (values that are ids of the catalogue)',
  );
  take(item);
  const user = take(pick(free(), [USER]));
  const session = take(pick(free(), [/session/, /^visit(_?id)?$/]));
  if (user === undefined && session === undefined) need(undefined, 'the user or the session');
  const timeLike = (column: ColumnSample) =>
    column.texts.length > 0 && (column.dates > 0.9 || (column.numeric > 0.9 && median(column.numbers) > 1e8));
  const time = need(
    pick(free().filter(timeLike), [TIME]) ?? free().find(timeLike),
    'the time (ISO 8601, or seconds or milliseconds since 1970)',
  );
  take(time);
  const type = free().filter(({ distinct, numeric, texts }) => texts.length > 0 && distinct <= 30 && numeric < 0.5);
  const numeric = () => free().filter((column) => column.texts.length > 0 && column.numeric === 1);
  return {
    item: item.name,
    user,
    time: time.name,
    unit: time.dates > 0.9 ? 'iso' : median(time.numbers) < 1e11 ? 's' : 'ms',
    type: take(pick(type, [/^(event|event_type|type|action|behaviou?r|event_name|interaction|interaction_type)$/])),
    session,
    request: take(pick(free(), [/request/, /^(list|impression|search|query)_?id$/])),
    position: take(pick(numeric(), [/^(position|rank|slot|pos)$/])),
    value: take(pick(numeric(), [/^(rating|value|score|stars|price|amount|quantity|qty|revenue)$/])),
  };
}

/** The first column that the earliest possible pattern fits. */
function pick(columns: readonly ColumnSample[], patterns: readonly RegExp[]): ColumnSample | undefined {
  for (const pattern of patterns) {
    const match = columns.find(({ name }) => pattern.test(words(name)));
    if (match !== undefined) return match;
  }
  return undefined;
}

function exact(columns: readonly ColumnSample[], named: string, source: string, option: string): string {
  if (columns.some(({ name }) => name === named)) return named;
  throw new UserError(
    `${option} ${named}: ${source} has no such column; its columns are ${columns.map(({ name }) => name).join(', ')}`,
  );
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
