import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VectorTable } from './vectorTable.ts';

test('all inner products at once are those of one after the other, to the bit', () => {
  const numbers = (length: number) =>
    fc.array(fc.float({ noNaN: true, min: -9, max: 9 }), { minLength: length, maxLength: length });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.boolean(), { maxLength: 23 }),
      fc.func(numbers(9)),
      (width, present, of) => {
        const table = new VectorTable(width, 0);
        present.forEach((has, row) => {
          if (has) table.set(row, Float32Array.from(of(row)).subarray(0, width));
        });
        const query = Float32Array.from(of(-1)).subarray(0, width);
        const all = new Float32Array(present.length + 20).fill(7);
        table.dotAll(query, all);
        expect(all).toEqual(Float32Array.from(all, (_, row) => table.dot(query, row)));
      },
    ),
  );
});

test('products of many rows with many vectors are those of each alone to the bit, and near the exact ones', () => {
  const numbers = fc.array(fc.float({ noNaN: true, min: -9, max: 9 }), { minLength: 9, maxLength: 9 });
  const vectors = fc.array(numbers, { minLength: 1, maxLength: 11 });
  const ordinals = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 600 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), vectors, vectors, ordinals, (width, held, asked, wanted) => {
      const cut = (all: readonly number[]): Float32Array => Float32Array.from(all).subarray(0, width);
      const table = new VectorTable(width, 0);
      held.forEach((row, i) => {
        table.set(3 * i, cut(row));
      });
      const queries = asked.map(cut);
      const products = new Float32Array(queries.length * wanted.length).fill(7);
      table.dotMany(queries, wanted, products);
      const alone = new Float32Array(1);
      queries.forEach((query, q) => {
        wanted.forEach((ordinal, i) => {
          const product = products[q * wanted.length + i]!;
          if (i < 20) {
            table.dotMany([query], [ordinal], alone);
            expect(product).toBe(alone[0]);
          }
          expect(Math.abs(product - table.dot(query, ordinal))).toBeLessThan(1e-3);
        });
      });
    }),
    { numRuns: 40 },
  );
});

test('cosines at once leave out the last number where the unit vector does', () => {
  const table = new VectorTable(6, 0);
  table.set(0, Float32Array.of(3, 0, 0, 0, 4, 100));
  table.set(2, Float32Array.of(0, 0, 0, 0, 0, 7));
  table.set(3, Float32Array.of(0, -2, 0, 0, 0, -9));
  const found = new Float32Array(5).fill(7);
  table.cosineMany([Float32Array.of(0, 1, 0, 0, 0)], [0, 1, 2, 3, 9], found);
  expect([...found]).toEqual([0, 0, 0, -1, 0]);
  const both = new Float32Array(4);
  table.cosineMany([Float32Array.of(0.6, 0, 0, 0, 0.8), Float32Array.of(0, 0, 0, 0, 1)], [0, 3], both);
  expect([...both].map((cosine) => cosine.toFixed(6))).toEqual(['1.000000', '0.000000', '0.800000', '0.000000']);
});

test('vectors that are stored elsewhere are read there, and those set since are the table’s own', () => {
  const stored = { vectors: Float32Array.of(1, 0, 0, 1, 3, 4) };
  const table = new VectorTable(2, 0, stored);
  const cosine = (ordinal: number, unit: number): number => {
    const out = new Float32Array(1);
    table.cosineMany([table.row(unit)!], [ordinal], out);
    return out[0]!;
  };
  for (const [ordinal, row] of [0, 2, 1].entries()) table.point(ordinal, row);
  expect(Array.from(table.row(1) ?? [])).toEqual([3, 4]);
  expect(cosine(1, 0)).toBeCloseTo(0.6);
  table.set(1, Float32Array.of(0, 5));
  table.set(9, Float32Array.of(7, 7));
  expect(stored.vectors[4]).toBe(3);
  expect(cosine(1, 0)).toBe(0);
  // An index that has grown has its rows in another array.
  stored.vectors = Float32Array.of(2, 0, 0, 2, 3, 4);
  expect(table.dot(Float32Array.of(1, 1), 0)).toBe(2);
  table.delete(1);
  table.delete(0);
  table.set(4, Float32Array.of(1, 2));
  const all = new Float32Array(11);
  table.dotAll(Float32Array.of(1, 1), all);
  expect(Array.from(all)).toEqual([0, 0, 2, 0, 3, 0, 0, 0, 0, 14, 0]);
});
