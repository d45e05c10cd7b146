import { expect, it } from 'vitest';
import { bestOf, type Held } from './judge.ts';

const held = (wanted: number, proposed: boolean): Held => ({
  key: 'k',
  at: 0,
  matrix: Float32Array.of(1, 2, 3),
  gains: Float32Array.from([0, 1, 2], (row) => Number(row === wanted)),
  trials: [],
  ...(proposed ? { result: () => ({ actor: 'a', target: 't', place: 0, top: [] }) } : {}),
});
const up = (matrix: Float32Array): Float32Array => matrix;
const down = (matrix: Float32Array): Float32Array => matrix.map((value) => -value);

it('chooses by the lists of its kind alone, the first of equals', () => {
  const lists = [held(2, false), held(2, false), held(0, true)];
  expect(bestOf(lists, 'shown', [down, up])).toBe(1);
  expect(bestOf(lists, 'proposed', [up, down])).toBe(1);
  expect(bestOf(lists, 'proposed', [down, down])).toBe(0);
  expect(bestOf([], 'proposed', [up, down])).toBe(0);
});
