import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../catalogue/createCatalogue.ts';
import type { Query } from '../domain/pipeline.ts';
import { createPlanner } from '../filters/planner.ts';
import { encodeCatalogue } from './contentEncoder.ts';
import { createRetrievalModels } from './createModels.ts';
import { fitCounts } from './fitCounts.ts';
import { interactionsBuilder } from './interactions.ts';
import { MOST_NEW_ITEMS } from './newItemScores.ts';
import { historyQuotas } from './quotas.ts';
import { retrieve } from './retrieve.ts';
import type { CandidateSource } from './source.ts';
import { createSources } from './sources/index.ts';
import { testFields } from './testing.ts';
import { followDefaults, togetherDefaults } from './tuneCoVisitation.ts';

const items = Array.from({ length: 12 }, (_, i) => ({ id: `i${i}`, fields: { title: `t${i}`, genres: [`g${i % 3}`] } }));
const builder = interactionsBuilder({ click: 1, hide: -1 });
for (let u = 0; u < 6; u++) {
  for (const [time, item] of [u, u + 1, u + 2].entries())
    builder.add({ actor: `user:${u}`, item, time: time + u, type: 'click' });
}
const interactions = builder.finish(items.length);
const eventWeights = { click: 1, hide: -1 };
const data = { fields: testFields, itemCount: items.length, eventWeights, ...encodeCatalogue(testFields, items) };
const tables = { follow: followDefaults, together: togetherDefaults };
const models = createRetrievalModels(fitCounts(data, interactions, tables, undefined, historyQuotas));
const catalogue = createCatalogue(testFields, items);
const planner = createPlanner(catalogue);
const sources = createSources({ models, catalogue, survivors: (filter) => planner.plan(filter) });

const query = (change: Partial<Query> = {}): Query => ({
  requestId: 'r',
  route: 'recommend',
  userFields: {},
  history: [],
  limit: 10,
  excludeSeen: true,
  context: {},
  now: 0,
  featureTime: 0,
  ...change,
});
const filter = (...excluded: string[]) => ({
  constraints: [],
  bindings: { user: {}, request: { route: 'recommend', scenario: '', context: {} }, now: 0 },
  excluded: new Set(excluded),
});
const click = (itemId: string, type = 'click') => ({ itemId, type, at: 0 });
const options = { sources, catalogue, deadline: 1000 };

describe('retrieve', () => {
  test('a stranger gets what is popular, and never runs out of items', async () => {
    const { candidates, degraded } = await retrieve(options, query(), filter(), 20);
    expect(degraded).toEqual([]);
    expect(candidates.length).toBe(items.length);
    expect(candidates.flatMap(({ hits }) => hits.map(({ source }) => source))).toContain('popular');
  });

  test('a history brings what follows it, without what is excluded', async () => {
    const { candidates } = await retrieve(options, query({ history: [click('i2')] }), filter('i2', 'i4'), 5);
    expect(candidates[0]!.id).toBe('i3');
    expect(candidates.map(({ id }) => id)).not.toContain('i4');
    expect(candidates[0]!.hits.find(({ source }) => source === 'covisitation')).toMatchObject({ rank: 1 });
  });

  test('what someone disliked, and items nobody knows, are nothing to go by', async () => {
    const strange = await retrieve(options, query({ history: [click('i2', 'hide'), click('nowhere')] }), filter(), 20);
    expect(strange.candidates.length).toBe(items.length);
    expect(strange.candidates.some(({ hits }) => hits.some(({ source }) => source === 'covisitation'))).toBe(false);
  });

  test('what someone took before comes again only where what was seen may be shown', async () => {
    const again = await retrieve(options, query({ history: [click('i7'), click('i2')], excludeSeen: false }), filter(), 20);
    const ranks = again.candidates.flatMap(({ id, hits }) =>
      hits.filter(({ source }) => source === 'repeat').map(({ rank }) => [id, rank]),
    );
    expect(Object.fromEntries(ranks)).toEqual({ i2: 1, i7: 2 });
    const fresh = await retrieve(options, query({ history: [click('i7'), click('i2')] }), filter('i7', 'i2'), 20);
    expect(fresh.candidates.some(({ hits }) => hits.some(({ source }) => source === 'repeat'))).toBe(false);
  });

  test('similar items go from the anchor alone', async () => {
    const { candidates } = await retrieve(
      options,
      query({ route: 'similar', anchor: 'i1', history: [click('i5')] }),
      filter('i1'),
      3,
    );
    expect(candidates[0]!.id).toBe('i2');
  });

  test('goes on without a source that fails or takes too long, and says so', async () => {
    const broken: CandidateSource = { name: 'broken', applies: () => true, retrieve: () => Promise.reject(new Error('away')) };
    const slow: CandidateSource = { name: 'slow', applies: () => true, retrieve: () => new Promise(() => {}) };
    const failures: string[] = [];
    const answer = await retrieve(
      { ...options, sources: [...sources, broken, slow], deadline: 30, onFailure: (source) => failures.push(source) },
      query(),
      filter(),
      5,
    );
    expect(answer.degraded).toEqual(['retrieve.broken', 'retrieve.slow']);
    expect(failures.sort()).toEqual(['broken', 'slow']);
    expect(answer.candidates.length).toBe(5);
  });

  test('an item that was put a moment ago is a candidate of the new', async () => {
    const live = createCatalogue(testFields, items);
    const ordinal = live.put({ id: 'fresh', fields: { genres: ['g1'] } });
    models.learnItem(ordinal, live.at(ordinal)!);
    const own = createSources({ models, catalogue: live, survivors: () => ({ has: (row) => live.at(row) !== undefined }) });
    const { candidates } = await retrieve(
      { ...options, catalogue: live, sources: own },
      query({ history: [click('i1')] }),
      filter(),
      13,
    );
    expect(candidates.find(({ id }) => id === 'fresh')?.hits[0]?.source).toBe('new');
  });

  test('of very many new items the newest are looked at, so that no request pays for all', async () => {
    const live = createCatalogue(testFields, items);
    for (let i = 0; i < MOST_NEW_ITEMS + 50; i++) live.put({ id: `fresh${i}`, fields: {} });
    const own = createSources({ models, catalogue: live, survivors: () => ({ has: () => true }) });
    const found = await own.find(({ name }) => name === 'new')!.retrieve(query(), live.rows, filter());
    expect(found).toHaveLength(MOST_NEW_ITEMS);
    expect(found[0]!.id).toBe(`fresh${MOST_NEW_ITEMS + 49}`);
  });
});
