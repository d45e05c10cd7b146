import { expect, it } from 'vitest';
import { seededRandom } from '../domain/random.ts';
import { type Replayed, snips } from './counterfactual.ts';

/** Chance puts one of three items first, the worst most often; item i is taken with probability .1, .3 or .5. */
function logged(count: number, choose: (list: number) => number): Replayed[] {
  const random = seededRandom(3);
  const shares = [0.6, 0.3, 0.1];
  return Array.from({ length: count }, (_, list) => {
    const draw = random();
    const row = draw < 0.6 ? 0 : draw < 0.9 ? 1 : 2;
    const reward = Number(random() < [0.1, 0.3, 0.5][row]!);
    return { order: [choose(list)], trials: [{ row, place: 0, propensity: shares[row]!, reward }] };
  });
}

it('says of each policy what it would have earned, whatever was shown', () => {
  const random = seededRandom(1);
  const best = snips(
    logged(4000, () => 2),
    random,
  );
  const worst = snips(
    logged(4000, () => 0),
    random,
  );
  const mixed = snips(
    logged(4000, (list) => list % 3),
    random,
  );
  expect(best?.mean).toBeCloseTo(0.5, 1);
  expect(best?.low).toBeLessThan(0.5);
  expect(best?.high).toBeGreaterThan(0.5);
  expect(worst?.mean).toBeCloseTo(0.1, 1);
  expect(mixed?.mean).toBeCloseTo(0.3, 1);
  expect(worst?.matches).toBeGreaterThan(best?.matches ?? 0);
});

it('weighs each match by how rarely it was shown, down to a hundredth', () => {
  const trial = (row: number, propensity: number, reward: number) => ({ row, place: row, propensity, reward });
  const lists = [
    { order: [0, 1, 2], trials: [trial(0, 0.5, 1), trial(1, 0.25, 0)] },
    { order: [0, 2, 1], trials: [trial(0, 0.001, 1), trial(1, 0.1, 1)] },
  ];
  // Of the second list only the first place matches: (2·1 + 4·0 + 100·1) / (2 + 4 + 100).
  const estimate = snips(lists, seededRandom(1));
  expect(estimate).toMatchObject({ matches: 3, mean: 102 / 106 });
  // Of two lists drawn with replacement a quarter each are twice the first and twice the second.
  expect([estimate?.low, estimate?.high]).toEqual([2 / 6, 1]);
});

it('says nothing where no policy’s choice was ever shown', () => {
  expect(snips([], seededRandom(1))).toBeUndefined();
  expect(snips([{ order: [1, 0], trials: [{ row: 0, place: 0, propensity: 0.5, reward: 1 }] }], seededRandom(1))).toBeUndefined();
});
