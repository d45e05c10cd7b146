import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ranksOf } from './ranks.ts';

test('the rank is one more than how many score higher, whatever the scores', () => {
  const score = fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(0, -0, 1, Number.POSITIVE_INFINITY));
  fc.assert(
    fc.property(fc.array(score, { maxLength: 60 }), (list) => {
      const scores = Float32Array.from(list);
      expect(ranksOf(scores)).toEqual(scores.map((own) => 1 + scores.filter((other) => other > own).length));
    }),
  );
});

test('what is not a number is ranked last and counts as above all others', () => {
  expect([...ranksOf(Float32Array.of(1, Number.NaN, 2))]).toEqual([3, 4, 2]);
});
