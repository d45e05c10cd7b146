import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openThreadedEncoder } from '../../../src/adapters/encoders/threaded.ts';
import { readCranfield } from './cranfield.ts';
import { mean } from './gradedMetrics.ts';
import { measureRelevance } from './searchRelevance.ts';

const FOLDER = '../shared/data/cranfield';
const isThere = existsSync(FOLDER);
if (!isThere) console.warn(`SKIPPED: relevance of search is not tested, because there is no ${FOLDER}`);

describe.skipIf(!isThere)('search by words and meaning', () => {
  it('is more relevant than its bar', { timeout: 1_200_000 }, async () => {
    const measured = await measureRelevance(await readCranfield(FOLDER), await openThreadedEncoder({ kind: 'use-lite' }));
    expect(mean(measured.map(({ ndcg }) => ndcg))).toBeGreaterThan(0.385);
    expect(mean(measured.map(({ recall }) => recall))).toBeGreaterThan(0.78);
  });
});
