import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../catalogue/createCatalogue.ts';
import { type FieldDefinitions, fieldDefinitionSchema } from '../config/schema.ts';
import type { Item } from '../domain/item.ts';
import type { HistoryEntry, Query } from '../domain/pipeline.ts';
import { seededRandom } from '../domain/random.ts';
import type { RankingContext } from '../features/feature.ts';
import { exposureFeature } from '../features/state/exposure.ts';
import { popularityFeature } from '../features/state/popularity.ts';
import { emptyStatistics, observeActed, observeShown } from '../features/statistics.ts';
import { encodeCatalogue } from '../retrieval/contentEncoder.ts';
import { createRetrievalModels } from '../retrieval/createModels.ts';
import { fitCounts } from '../retrieval/fitCounts.ts';
import { interactionsBuilder } from '../retrieval/interactions.ts';
import { historyQuotas } from '../retrieval/quotas.ts';
import { followDefaults, togetherDefaults } from '../retrieval/tuneCoVisitation.ts';
import { createVectoriser } from './vectoriser.ts';

const fields: FieldDefinitions = {
  genres: fieldDefinitionSchema.parse({ type: 'categories' }),
  year: fieldDefinitionSchema.parse({ type: 'number' }),
};
const items = Array.from(
  { length: 40 },
  (_, i): Item => ({
    id: `i${i}`,
    fields: i % 7 === 0 ? {} : { genres: [`g${i % 3}`, `h${i % 5}`], year: 1980 + i },
  }),
);
const weights = { click: 1 };

function world() {
  const random = seededRandom(5);
  const builder = interactionsBuilder(weights);
  for (let person = 0; person < 60; person++) {
    for (let step = 0; step < 8; step++) {
      builder.add({ actor: `user:${person}`, item: Math.floor(random() * 40), time: step, type: 'click' });
    }
  }
  const interactions = builder.finish(40);
  const catalogue = { fields, itemCount: 40, eventWeights: weights, ...encodeCatalogue(fields, items) };
  const tables = { follow: followDefaults, together: togetherDefaults };
  const models = createRetrievalModels(fitCounts(catalogue, interactions, tables, undefined, historyQuotas));
  const statistics = emptyStatistics(['genres']);
  for (const item of items) {
    observeShown(statistics, item);
    if (item.id < 'i2') observeActed(statistics, item, 1);
  }
  return { models, catalogue: createCatalogue(fields, items), fields, weights, statistics };
}

const history: HistoryEntry[] = [3, 9, 17, 9, 4].map((i, at) => ({ itemId: `i${i}`, type: 'click', at }));
function listOf(ordinals: readonly number[], own: readonly HistoryEntry[] = history): RankingContext {
  const query: Query = {
    requestId: 'r',
    route: 'recommend',
    userFields: {},
    history: own,
    limit: 10,
    excludeSeen: true,
    context: { hour: 13, device: 'mobile' },
    now: 1000,
    featureTime: 1000,
  };
  const context = { weights, itemId: 'i5' };
  const action = { kind: 'action' as const, id: 'a', type: 'click', itemId: 'i5', occurredAt: 5 };
  const state = {
    features: {
      popularity: popularityFeature.update({}, action, context),
      exposure: exposureFeature.initial,
    },
  };
  const candidates = ordinals.map((ordinal) => ({
    id: `i${ordinal}`,
    ordinal,
    hits: [],
    item: items[ordinal] ?? { id: `i${ordinal}`, fields: {} },
    ...(ordinal === 5 ? { state } : {}),
  }));
  return { query, history: own, candidates };
}

describe('vectoriser', () => {
  const inputs = world();
  const vectoriser = createVectoriser(inputs);

  it('gives the same numbers to the bit, whichever instance asks and whatever was asked before', () => {
    const list = listOf([1, 5, 2, 30, 7]);
    const first = vectoriser.vectorise(list);
    vectoriser.vectorise(listOf([39, 5], []));
    const again = vectoriser.vectorise(list);
    const other = createVectoriser(world());
    other.vectorise(listOf([8, 9]));
    expect(new Uint8Array(again.buffer)).toEqual(new Uint8Array(first.buffer));
    expect(new Uint8Array(other.vectorise(list).buffer)).toEqual(new Uint8Array(first.buffer));
    expect(other.hash).toBe(vectoriser.hash);
  });

  it('follows the order of the candidates', () => {
    const width = vectoriser.columns.length;
    const straight = vectoriser.vectorise(listOf([1, 5, 2]));
    const turned = vectoriser.vectorise(listOf([2, 1, 5]));
    expect(turned.subarray(0, width)).toEqual(straight.subarray(2 * width));
    expect(turned.subarray(2 * width)).toEqual(straight.subarray(width, 2 * width));
  });

  it('is finite for strangers, items nobody knows, a single candidate and none', () => {
    for (const list of [listOf([0, 7, 77], []), listOf([77]), listOf([3], []), listOf([])]) {
      const numbers = vectoriser.vectorise(list);
      expect(numbers).toHaveLength(list.candidates.length * vectoriser.columns.length);
      expect(numbers.every(Number.isFinite)).toBe(true);
    }
  });

  it('has other columns, and another hash, where impressions taught nothing', () => {
    const plain = createVectoriser({ ...inputs, statistics: undefined });
    expect(plain.hash).not.toBe(vectoriser.hash);
    expect(vectoriser.columns).toEqual(expect.arrayContaining([...plain.columns, 'rate', 'own.genres', 'position.log']));
    expect(new Set(vectoriser.columns).size).toBe(vectoriser.columns.length);
  });

  it('takes a list that the caller brings for one that was shown, not for one that stage one proposed', () => {
    const shown = listOf([1, 2]);
    const from = (source: string): RankingContext => ({
      ...shown,
      candidates: shown.candidates.map((candidate, i) => ({ ...candidate, hits: [{ source, score: 0, rank: i + 1 }] })),
    });
    expect(vectoriser.vectorise(from('request'))).toEqual(vectoriser.vectorise(shown));
    expect(vectoriser.vectorise(from('behaviour'))).not.toEqual(vectoriser.vectorise(shown));
  });

  it('sees position in training only', () => {
    const list = listOf([1, 2]);
    const served = vectoriser.vectorise(list);
    expect(vectoriser.vectorise({ ...list, positions: [1, 1] })).toEqual(served);
    expect(vectoriser.vectorise({ ...list, positions: [1, 4] })).not.toEqual(served);
  });
});
