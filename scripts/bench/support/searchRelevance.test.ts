import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCranfield } from './cranfield.ts';
import { mean } from './gradedMetrics.ts';
import { measureRelevance, typos } from './searchRelevance.ts';

const FOLDER = '../shared/data/cranfield';
const isThere = existsSync(FOLDER);
if (!isThere) console.warn(`SKIPPED: relevance of search is not tested, because there is no ${FOLDER}`);

describe.skipIf(!isThere)('search by words alone', () => {
  it('is as relevant as it was, on each half of the queries, and with slips', { timeout: 300_000 }, async () => {
    const collection = await readCranfield(FOLDER);
    expect([collection.items.length, collection.queries.length]).toEqual([1400, 225]);
    const measured = await measureRelevance(collection, undefined);
    const half = (rest: number): number => mean(measured.filter((_, i) => i % 2 === rest).map(({ ndcg }) => ndcg));
    expect(half(0)).toBeGreaterThan(0.37);
    expect(half(1)).toBeGreaterThan(0.37);
    expect(mean(measured.map(({ ndcg }) => ndcg))).toBeGreaterThan(0.385);
    expect(mean(measured.map(({ recall }) => recall))).toBeGreaterThan(0.79);
    const slipped = await measureRelevance(typos(collection, 1), undefined);
    expect(mean(slipped.map(({ ndcg }) => ndcg))).toBeGreaterThan(0.37);
  });
});
