import { expect, it } from 'vitest';
import { moves } from './moves.ts';

it('tells what entered, left, rose and fell', () => {
  const list = (ids: string) => [...ids].map((id) => ({ id }));
  expect(moves(list('abcd'), list('bace'))).toEqual([
    { id: 'b', kind: 'up', before: 2, after: 1 },
    { id: 'a', kind: 'down', before: 1, after: 2 },
    { id: 'e', kind: 'entered', after: 4 },
    { id: 'd', kind: 'left', before: 4 },
  ]);
  expect(moves(list('ab'), list('ab'))).toEqual([]);
});
