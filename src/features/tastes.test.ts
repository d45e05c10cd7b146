import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../domain/random.ts';
import { Ridge } from './ridge.ts';
import { fitTastes, TASTE_DIMENSIONS, tasteOf, type Verdict } from './tastes.ts';

const ITEMS = 40;
const KINDS = 4;

/** People who take what is of their own kind more often than not, and other things seldom. */
function people(count: number, random: () => number): Verdict[][] {
  return Array.from({ length: count }, (_, person) =>
    Array.from({ length: ITEMS }, (_, item) => ({
      item: `i${item}`,
      acted: random() < (item % KINDS === person % KINDS ? 0.7 : 0.1),
    })).filter(() => random() < 0.6),
  );
}

describe('tastes', () => {
  it('tell from a few verdicts what somebody will take', () => {
    const tastes = fitTastes(people(200, seededRandom(1)));
    const verdicts = Array.from({ length: 12 }, (_, item) => ({ item: `i${item}`, acted: item % KINDS === 2 }));
    const taste = tasteOf(tastes, verdicts)!;
    const liking = (item: number): number => {
      let sum = 0;
      for (let d = 0; d < TASTE_DIMENSIONS; d++) sum += taste[d]! * tastes[`i${item}`]![d]!;
      return sum;
    };
    const rest = Array.from({ length: ITEMS - 12 }, (_, i) => i + 12);
    const own = rest.filter((item) => item % KINDS === 2).map(liking);
    const others = rest.filter((item) => item % KINDS !== 2).map(liking);
    expect(Math.min(...own)).toBeGreaterThan(Math.max(...others));
  });

  it('are the same for the same verdicts, and know nothing of nothing', () => {
    const random = seededRandom(2);
    const told = people(30, random);
    expect(fitTastes(told)).toEqual(fitTastes(told));
    expect(fitTastes([])).toEqual({});
    expect(tasteOf(fitTastes(told), [{ item: 'unknown', acted: true }])).toBeUndefined();
    expect(tasteOf({}, [{ item: '__proto__', acted: true }])).toBeUndefined();
  });
});

it('ridge finds the weights at which no small step is better', () => {
  const number = fc.double({ min: -3, max: 3, noNaN: true });
  const rows = fc.array(fc.tuple(number, number, number, number), { maxLength: 12 });
  fc.assert(
    fc.property(rows, fc.double({ min: 0.1, max: 10, noNaN: true }), (list, held) => {
      const ridge = new Ridge(3);
      for (const [a, b, c, y] of list) ridge.add([a, b, c], 0, y);
      const weights = [...ridge.solve(held)];
      for (let d = 0; d < 3; d++) {
        let gradient = held * weights[d]!;
        for (const row of list)
          gradient += row[d]! * (row[0] * weights[0]! + row[1] * weights[1]! + row[2] * weights[2]! - row[3]);
        expect(gradient).toBeCloseTo(0, 6);
      }
    }),
  );
});
