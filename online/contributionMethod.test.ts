import { expect, it } from 'vitest';
import { contributionMethod } from './contributionMethod.ts';

const ranker = { attributionMethod: 'gradients' };
const history = [{ itemId: 'a', type: 'click', at: 0 }];

it('names the ranker’s method only where the ranker had a part', () => {
  expect(contributionMethod({}, { history })).toMatch(/^none/);
  expect(contributionMethod({ ranker }, { history: [] })).toBe('gradients');
  expect(contributionMethod({ ranker }, { text: 'jazz', history: [] })).toMatch(/^none/);
  expect(contributionMethod({ ranker }, { text: 'jazz', history })).toMatch(/^gradients; .*personal/);
  const searches = { ranker: { attributionMethod: 'of the text' } };
  expect(contributionMethod({ searches }, { text: 'jazz', history: [] })).toBe('of the text');
  expect(contributionMethod({ ranker, searches }, { text: 'jazz', history })).toMatch(/^of the text; .*a tenth/);
});
