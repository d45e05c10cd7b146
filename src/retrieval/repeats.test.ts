import { expect, test } from 'vitest';
import { repeatShare, withRepeats } from './repeats.ts';

const sequences = (...histories: number[][]) => ({
  offsets: Int32Array.from([0, ...histories.map((_, i) => histories.slice(0, i + 1).flat().length)]),
  items: Int32Array.from(histories.flat()),
});

test('repeats are counted within a history, against all entries but the first', () => {
  expect(repeatShare(sequences([1, 2, 1, 1], [1, 2], [], [5]))).toBe(2 / 4);
  expect(repeatShare(sequences([]))).toBe(0);
});

test('they get their share of the pool, and none where nobody repeats', () => {
  const usual = { behaviour: 0.5, covisitation: 0.5 };
  expect(withRepeats(usual, 0.01)).toEqual(usual);
  const { repeat = 0, ...others } = withRepeats(withRepeats(usual, 0.5), 0.25);
  expect(others).toEqual(usual);
  expect(repeat / (1 + repeat)).toBeCloseTo(0.25, 2);
});
