import { describe, expect, test } from 'vitest';
import type { FieldDefinitions } from '../config/schema.ts';
import { seededRandom } from '../domain/random.ts';
import { createContentEncoder, fitContentEncoder } from './contentEncoder.ts';
import { fitTextReduction, reduceText } from './textReduction.ts';

const fields: FieldDefinitions = {
  title: { type: 'text', facet: false, searchBoost: 1 },
  genres: { type: 'categories', facet: false, separator: '|', searchBoost: 1 },
  price: { type: 'number', facet: false },
  inStock: { type: 'boolean', facet: false },
};
const items = Array.from({ length: 40 }, (_, i) => ({
  id: `i${i}`,
  fields: { title: `t${i}`, genres: [i % 2 === 0 ? 'even' : 'odd', `only-${i}`], price: i, inStock: i % 4 === 0 },
}));
const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, j) => sum + x * b[j]!, 0);

describe('content encoder', () => {
  const encoder = fitContentEncoder(fields, items);

  test('has a feature for each value that several items share, and for each bucket of a number', () => {
    const values = encoder.vocabulary.values.map(([field, value]) => `${field}=${value}`).sort();
    expect(values).toEqual(['genres=even', 'genres=odd', 'inStock=false', 'inStock=true']);
    expect(encoder.vocabulary.bounds['price']).toHaveLength(7);
    expect(encoder.featureCount).toBe(4 + 8);
  });

  test('reads an item it has never seen, in any script, and one with nothing known', () => {
    const known = encoder.encode({ id: 'x', fields: { genres: ['odd', '日本語'], price: 1e9 } }, undefined);
    expect(known.features).toHaveLength(2);
    expect(encoder.vector(known)).toBeDefined();
    const bare = encoder.encode({ id: 'y', fields: {} }, undefined);
    expect(bare.features).toHaveLength(0);
    expect(encoder.vector(bare)).toBeUndefined();
  });

  test('puts items of a kind nearer to each other, at unit length', () => {
    const vector = (i: number) => encoder.vector(encoder.encode(items[i]!, undefined))!;
    expect(cosine(vector(1), vector(3))).toBeGreaterThan(cosine(vector(1), vector(0)));
    expect(cosine(vector(5), vector(5))).toBeCloseTo(1, 5);
  });

  test('gives few features a dimension each, so that what shares none is not alike at all, and many a projection', () => {
    const kinds = (count: number) =>
      Array.from({ length: 2 * count }, (_, i) => ({ id: `${i}`, fields: { kind: `kind ${i % count}` } }));
    const cosines = (count: number) => {
      const own = fitContentEncoder({ kind: { type: 'category', facet: false, searchBoost: 1 } }, kinds(count));
      const vectors = kinds(count).map((item) => own.vector(own.encode(item, undefined))!);
      return { width: own.vectorDimensions, found: vectors.map((vector) => cosine(vectors[0]!, vector)) };
    };
    const few = cosines(10);
    expect(few.width).toBe(10);
    few.found.forEach((value, i) => {
      expect(value).toBeCloseTo(i % 10 === 0 ? 1 : 0, 6);
    });
    const many = cosines(100);
    expect(many.width).toBe(64);
    expect(many.found[100]).toBeCloseTo(1, 6);
    expect(many.found.some((value, i) => i % 100 !== 0 && value !== 0)).toBe(true);
  });

  test('has nothing but the text where there are no features', () => {
    const texts = items.map((_, i) => Float32Array.of(1, i % 3, i % 5));
    const titled = fitContentEncoder({}, items, texts);
    expect(titled.vectorDimensions).toBe(titled.textDimensions);
    expect(titled.vector(titled.encode(items[0]!, texts[1]))).toHaveLength(titled.textDimensions);
    expect(fitContentEncoder({}, items).vector(encoder.encode({ id: 'z', fields: {} }, undefined))).toBeUndefined();
  });

  test('is the same when it is made again from what is stored', () => {
    const vocabulary = JSON.parse(JSON.stringify(encoder.vocabulary));
    const again = createContentEncoder(vocabulary, encoder.reduction, encoder.sparseDimensions);
    expect(again.encode(items[7]!, undefined)).toEqual(encoder.encode(items[7]!, undefined));
    expect(again.vector(again.encode(items[7]!, undefined))).toEqual(encoder.vector(encoder.encode(items[7]!, undefined)));
  });
});

describe('text reduction', () => {
  test('keeps the directions in which texts differ', () => {
    const random = seededRandom(4);
    const vectors = Array.from({ length: 200 }, (_, i) => {
      const out = Float32Array.from({ length: 20 }, () => 0.01 * (random() - 0.5));
      out[i % 3]! += 1;
      return out;
    });
    const reduction = fitTextReduction(vectors, 4)!;
    expect(reduction.dimensions).toBe(4);
    const reduced = vectors.map((vector) => reduceText(reduction, vector));
    expect(cosine(reduced[0]!, reduced[3]!)).toBeGreaterThan(0.9);
    expect(cosine(reduced[0]!, reduced[1]!)).toBeLessThan(0);
    expect(fitTextReduction(vectors, 4)).toEqual(reduction);
  });

  test('does without texts, and with fewer of them than dimensions', () => {
    expect(fitTextReduction([undefined, undefined], 8)).toBeUndefined();
    const one = Float32Array.of(1, 0, 0);
    const reduction = fitTextReduction([one, undefined], 2)!;
    expect([...reduceText(reduction, one)].every(Number.isFinite)).toBe(true);
  });
});
