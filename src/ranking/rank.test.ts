import { describe, expect, it } from 'vitest';
import { leaderOf } from './rank.ts';

const history = [{ itemId: 'i', type: 'click', at: 0 }];
const answers = [{ match: { fused: 1, cosine: 0, words: {} } }];
const taste = { ranker: 'taste' };
const both = { ...taste, searches: { ranker: 'searches' } };

describe('the ranker that leads', () => {
  it('a list without a text is the one of recommendations, where there is one', () => {
    expect(leaderOf(both, { query: {}, history: [], candidates: [{}] })).toBe('taste');
    expect(leaderOf({}, { query: {}, history, candidates: [{}] })).toBeUndefined();
  });

  it('a search is the one of searches, else what is known of the person, and of a stranger nothing', () => {
    const search = { query: { text: 'sofa' }, history: [], candidates: answers };
    expect(leaderOf(both, search)).toBe('searches');
    expect(leaderOf(taste, search)).toBeUndefined();
    expect(leaderOf(taste, { ...search, history })).toBe('taste');
  });

  it('a list without words is none of the business of the one of searches', () => {
    const browse = { query: { text: '' }, history: [], candidates: [{}] };
    expect(leaderOf(both, browse)).toBeUndefined();
    expect(leaderOf(both, { ...browse, history })).toBe('taste');
  });
});
