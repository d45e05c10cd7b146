import { expect, it } from 'vitest';
import { contributionMethod } from './contributionMethod.ts';

const ranker = { attributionMethod: 'gradients', readsText: false };
const history = [{ itemId: 'a', type: 'click', at: 0 }];

it('names the ranker’s method only where the ranker had a part', () => {
  expect(contributionMethod(undefined, { history })).toMatch(/^none/);
  expect(contributionMethod(ranker, { history: [] })).toBe('gradients');
  expect(contributionMethod(ranker, { text: 'jazz', history: [] })).toMatch(/^none/);
  expect(contributionMethod(ranker, { text: 'jazz', history })).toMatch(/^gradients; .*personal/);
  expect(contributionMethod({ ...ranker, readsText: true }, { text: 'jazz', history: [] })).toBe('gradients');
});
