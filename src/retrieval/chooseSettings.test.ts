import { expect, test } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { chooseEmbedderSettings } from './chooseSettings.ts';
import type { Sequences } from './interactions.ts';

const training = (given: object = {}) =>
  configSchema.parse({ dataset: { items: { source: 'items.csv', id: 'id' } }, fields: { t: { type: 'text' } }, training: given })
    .training;

/** So many actions of people with a hundred each. */
function actions(count: number): Sequences {
  const people = Math.ceil(count / 100);
  const offsets = Int32Array.from({ length: people + 1 }, (_, person) => Math.min(count, 100 * person));
  return { offsets, items: new Int32Array(count) };
}
const settings = (count: number, itemCount: number, given?: object) =>
  chooseEmbedderSettings(training(given), actions(count), itemCount);

test('vectors are longer, and dropout is less, where items were taken often', () => {
  const [sparse, dense, denser] = [settings(100_000, 10_000), settings(100_000, 1000), settings(1_000_000, 3000)];
  expect([sparse.dimensions, dense.dimensions, denser.dimensions]).toEqual([64, 128, 128]);
  expect(sparse.dropout).toBeCloseTo(0.4);
  expect(dense.dropout).toBeLessThanOrEqual(sparse.dropout);
  expect(denser.dropout).toBeLessThan(dense.dropout);
  expect(denser.dropout).toBeGreaterThan(0.1);
  expect(sparse.learningRate).toBeGreaterThan(denser.learningRate);
});

test('small sets are passed more often, and none never', () => {
  expect(settings(10_000, 1000).epochs).toBe(30);
  expect(settings(1_000_000, 3000).epochs).toBeLessThan(10);
  expect(settings(20, 10).batchPositions).toBeGreaterThanOrEqual(1);
  expect(settings(1, 0).epochs).toBeGreaterThanOrEqual(1);
});

test('what the configuration says is what is done', () => {
  const given = { dimensions: 24, epochs: 3, dropout: 0.05, historyLength: 9, seed: 7 };
  expect(settings(100_000, 1000, given)).toMatchObject(given);
});
