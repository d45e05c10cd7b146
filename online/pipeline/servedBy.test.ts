import { describe, expect, it } from 'vitest';
import { servedBy } from './servedBy.ts';

const manifest = { version: 'a1' };
const taste = { manifest, ranker: { id: 'taste' } };
const both = { ...taste, searches: { ranker: { id: 'searches' } } };
const history = [{ itemId: 'i', type: 'click', at: 0 }];
const answers = [{ match: { fused: 1 } }];
const led = (
  ...[serving, query, page, degraded = []]: [typeof both | typeof taste, Query, typeof answers | object[], string[]?]
) => servedBy(serving, query, page, { degraded: new Map(degraded.map((part) => [part, undefined])) }).ranker;
type Query = Parameters<typeof servedBy>[1];

describe('the ranker an answer names', () => {
  it('is the one that ordered a list without a text', () => {
    expect(led(taste, { history: [] }, [{}])).toBe('taste');
    expect(servedBy({ manifest }, { history: [] }, [], { degraded: new Map() })).toEqual({
      artifact: 'a1',
      ranker: 'none',
      experiment: null,
    });
  });

  it('is none for a search that was not ranked: a stranger’s, or one that no ranker was in time for', () => {
    expect(led(taste, { text: 'sofa', history: [] }, answers)).toBe('none');
    expect(led(taste, { text: 'sofa', history }, answers)).toBe('taste');
    expect(led(both, { text: 'sofa', history }, answers, ['ranker'])).toBe('none');
  });

  it('is the one of searches where it saw answers to a text; a list without words is none of its business', () => {
    expect(led(both, { text: 'sofa', history: [] }, answers)).toBe('searches');
    expect(led(both, { text: '', history: [] }, [{}])).toBe('none');
    expect(led(both, { text: '', history }, [{}])).toBe('taste');
  });
});
