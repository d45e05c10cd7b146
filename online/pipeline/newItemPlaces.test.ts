import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import type { Query } from '../../src/domain/pipeline.ts';
import { newItemPlaces, RANKED_ALONE } from './newItemPlaces.ts';

const item = (i: number) => ({ id: `i${i}`, fields: {} });
const query = (limit: number, acted = 1): Query => ({
  requestId: 'r',
  route: 'recommend',
  userFields: {},
  history: Array.from({ length: acted }, () => ({ itemId: 'i0', type: 'click', at: 1 })),
  limit,
  excludeSeen: true,
  context: {},
  now: 2,
  featureTime: 2,
});
/** Of a hundred items five came since the models were trained: their share of the pool is a tenth. */
const catalogue = createCatalogue(
  {},
  Array.from({ length: 95 }, (_, i) => item(i)),
);
for (let i = 95; i < 100; i++) catalogue.put(item(i));

describe('new items on a page', () => {
  it('keep the share of the pool after the places that go to what ranks best', () => {
    expect(newItemPlaces(query(10), catalogue, 0, 0)).toBe(0);
    expect(newItemPlaces(query(RANKED_ALONE), catalogue, 0, 0)).toBe(0);
    expect(newItemPlaces(query(200), catalogue, 0, 0)).toBe(15);
  });

  it('are counted through all pages', () => {
    expect(newItemPlaces(query(10), catalogue, 0, 40)).toBe(0);
    expect(newItemPlaces(query(20), catalogue, 0, 40)).toBe(1);
    expect(newItemPlaces(query(20), catalogue, 0, 60)).toBe(2);
  });

  it('have what is configured on every page, and nothing else where nobody is known or nothing is new', () => {
    expect(newItemPlaces(query(10), catalogue, 0.3, 0)).toBe(3);
    expect(newItemPlaces(query(200), catalogue, 0.3, 0)).toBe(60);
    expect(newItemPlaces(query(200, 0), catalogue, 0, 0)).toBe(0);
    expect(newItemPlaces(query(200), createCatalogue({}, [item(0)]), 0, 0)).toBe(0);
  });
});
