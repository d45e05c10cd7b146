import { expect, it } from 'vitest';
import { fieldDefinitionSchema } from '../../config/schema.ts';
import type { EnrichedCandidate, Query } from '../../domain/pipeline.ts';
import type { PreparedList, RankingFeature } from '../feature.ts';
import { QueryMemory } from '../queryMemory.ts';
import { freshness } from './freshness.ts';
import { itemDemand } from './itemDemand.ts';
import { queryClicks } from './queryClicks.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 1);

function list(items: readonly { readonly id: string; readonly added?: number; readonly clicks?: number }[]): PreparedList {
  const query: Query = {
    requestId: '',
    route: 'search',
    userFields: {},
    history: [],
    text: 'red lamp',
    limit: 10,
    excludeSeen: false,
    context: {},
    now: NOW,
    featureTime: NOW,
  };
  const candidates = items.map(
    ({ id, added, clicks = 0 }, ordinal): EnrichedCandidate => ({
      id,
      ordinal,
      hits: [],
      item: { id, fields: added === undefined ? {} : { added } },
      ...(clicks === 0 ? {} : { state: { features: { popularity: { click: [clicks, 0, clicks, clicks, NOW] } } } }),
    }),
  );
  const ordinals = Int32Array.from(candidates.keys());
  return {
    query,
    history: [],
    candidates,
    size: items.length,
    ordinals,
    places: ordinals,
    historyOrdinals: [],
    queryVector: undefined,
  };
}

function rows({ write, columns }: RankingFeature, of: PreparedList): Record<string, number>[] {
  const out = new Float32Array(of.size * columns.length);
  write(of, out, 0, columns.length);
  return of.candidates.map((_, i) => Object.fromEntries(columns.map((name, c) => [name, out[i * columns.length + c]!])));
}

const dates = { added: fieldDefinitionSchema.parse({ type: 'date' }), title: fieldDefinitionSchema.parse({ type: 'text' }) };

it('tells how old an item is by its dates, ahead of time as less than nothing, and unknown as the list’s mean', () => {
  const feature = freshness({ fields: dates });
  expect(feature.columns).toEqual(['age.added']);
  const items = [{ id: 'a', added: NOW - 9 * DAY }, { id: 'b', added: NOW + DAY }, { id: 'c' }];
  const [nine = 0, ahead = 0, unknown = 0] = rows(feature, list(items)).map((row) => row['age.added'] ?? 0);
  expect(nine).toBeCloseTo(Math.log(10), 5);
  expect(ahead).toBeCloseTo(-Math.log(2), 5);
  expect(unknown).toBeCloseTo((nine + ahead) / 2, 5);
  expect(rows(feature, list([{ id: 'c' }]))).toEqual([{ 'age.added': 0 }]);
});

it('tells apart what this query’s searchers took, what they passed over, and what they were not shown', () => {
  const memory = new QueryMemory();
  memory.count('red lamp', 'a', { looked: 20, taken: 10 });
  memory.count('red lamp', 'b', { looked: 20, taken: 0 });
  memory.count('vase', 'c', { looked: 50, taken: 10 });
  const [taken, passed, unknown] = rows(queryClicks(memory), list([{ id: 'a' }, { id: 'b' }, { id: 'c' }]));
  expect(taken?.['clicks.rate']).toBeGreaterThan(0);
  expect(passed?.['clicks.rate']).toBeLessThan(0);
  expect(unknown).toEqual({ 'clicks.rate': 0, 'clicks.share': 0 });
});

it('knows how wanted an item is elsewhere, without what this query brought it', () => {
  const memory = new QueryMemory();
  memory.count('red lamp', 'a', { looked: 20, taken: 10 });
  memory.count('vase', 'b', { looked: 20, taken: 10 });
  const weights = { click: 1 };
  const [here, elsewhere] = rows(
    itemDemand({ weights }, memory),
    list([
      { id: 'a', clicks: 10 },
      { id: 'b', clicks: 10 },
    ]),
  );
  expect(here).toEqual({ 'elsewhere.rate': 0, 'elsewhere.log': 0, 'elsewhere.recent': 0 });
  expect(elsewhere?.['elsewhere.rate']).toBeGreaterThan(0);
  expect(elsewhere?.['elsewhere.log']).toBeCloseTo(Math.log1p(10), 5);
});
