import fc from 'fast-check';
import { expect, test } from 'vitest';
import { innerProduct } from './innerProduct.ts';
import { RowScanner } from './rowScanner.ts';

const values = (size: number) =>
  fc.array(fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true, min: -4, max: 4 }), fc.constant(0)), {
    minLength: size,
    maxLength: size,
  });

/** Rows and a query, one column far larger than the others, as a bias may be. */
const scene = fc
  .record({ dimensions: fc.integer({ min: 1, max: 37 }), rows: fc.integer({ min: 1, max: 300 }) })
  .chain(({ dimensions, rows }) =>
    fc.record({
      dimensions: fc.constant(dimensions),
      vectors: values(dimensions * rows).map((list) =>
        Float32Array.from(list, (value, i) => (i % dimensions === 0 ? value * 50 : value)),
      ),
      query: values(dimensions).map((list) => Float32Array.from(list)),
      k: fc.integer({ min: 1, max: 40 }),
    }),
  );

test('no row among the best is missed, whichever rows are asked for', () => {
  fc.assert(
    fc.property(scene, fc.boolean(), ({ dimensions, vectors, query, k }, listed) => {
      const rows = vectors.length / dimensions;
      const scanner = new RowScanner({ dimensions, rows, numbers: vectors });
      const has = (row: number) => row % 3 !== 1;
      const all = Uint32Array.from({ length: rows }, (_, row) => row);
      const found = new Set(
        listed ? scanner.candidates(query, k, all.filter(has), () => true) : scanner.candidates(query, k, undefined, has),
      );
      const score = (row: number) => innerProduct(vectors, row * dimensions, query);
      const best = [...all.filter(has)].sort((a, b) => score(b) - score(a) || a - b).slice(0, k);
      for (const row of best) expect(found).toContain(row);
      for (const row of found) expect(has(row)).toBe(true);
    }),
  );
});

test('follows rows that change, grow beyond all before, and come later', () => {
  const dimensions = 9;
  const source = { dimensions, rows: 50, numbers: new Float32Array(5000 * dimensions) };
  for (let i = 0; i < source.numbers.length; i++) source.numbers[i] = Math.sin(i);
  const scanner = new RowScanner(source);
  const query = new Float32Array(dimensions).fill(1);
  const best = () => {
    const score = (row: number) => innerProduct(source.numbers, row * dimensions, query);
    return scanner.candidates(query, 1, undefined, () => true).sort((a, b) => score(b) - score(a))[0];
  };
  best();
  source.numbers.fill(1, 7 * dimensions, 8 * dimensions);
  scanner.touch(7);
  expect(best()).toBe(7);
  source.numbers.fill(300, 9 * dimensions, 10 * dimensions);
  scanner.touch(9);
  expect(best()).toBe(9);
  source.rows = 5000;
  source.numbers.fill(900, 4321 * dimensions, 4322 * dimensions);
  expect(best()).toBe(4321);
});

test('a selective answer: of many rows few are left to score in full', () => {
  const dimensions = 64;
  const rows = 20_000;
  const vectors = Float32Array.from({ length: rows * dimensions }, (_, i) => Math.sin(i * 12.9898) * Math.cos(i * 0.37));
  const scanner = new RowScanner({ dimensions, rows, numbers: vectors });
  const query = vectors.slice(0, dimensions);
  expect(scanner.candidates(query, 100, undefined, () => true).length).toBeLessThan(1000);
});
