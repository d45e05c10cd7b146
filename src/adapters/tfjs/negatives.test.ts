import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../domain/random.ts';
import { createNegatives } from './negatives.ts';

const counts = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 40 });

test('as many as are asked for and there are, all of them taken by somebody, none for less than itself', () => {
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 50 }), fc.integer(), (taken, size, seed) => {
      const { items, corrections } = createNegatives(taken, size)(seededRandom(seed));
      const touched = taken.filter((count) => count > 0).length;
      expect(items.length).toBe(Math.min(size, touched));
      for (const item of items) expect(taken[item]).toBeGreaterThan(0);
      for (const correction of corrections) expect(correction).toBeGreaterThanOrEqual(0);
      if (size >= touched) {
        expect(new Set(items).size).toBe(touched);
        expect(Math.max(0, ...corrections)).toBe(0);
      }
    }),
  );
});

test('a sum over the drawn, each for as many as it stands for, is on average that over all', () => {
  const taken = Array.from({ length: 60 }, (_, i) => (i % 7 === 0 ? 0 : (i * 37) % 90));
  const worth = taken.map((count, i) => (count > 0 ? 1 + Math.sin(i) : 0));
  const draw = createNegatives(taken, 20);
  const random = seededRandom(3);
  const rounds = 20_000;
  const often = new Float64Array(taken.length);
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    const { items, corrections } = draw(random);
    items.forEach((item, j) => {
      often[item]! += 1 / rounds;
      sum += (worth[item]! * Math.exp(corrections[j]!)) / rounds;
    });
  }
  expect(sum).toBeCloseTo(
    worth.reduce((total, value) => total + value, 0),
    0,
  );
  const [rare, common] = [taken.indexOf(Math.min(...taken.filter((count) => count > 0))), taken.indexOf(Math.max(...taken))];
  expect(often[rare]! / often[common]!).toBeCloseTo(Math.sqrt(taken[rare]! / taken[common]!), 2);
});
