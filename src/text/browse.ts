import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Candidate } from '../domain/pipeline.ts';
import { Bitset } from '../filters/bitset.ts';
import type { Plan } from '../filters/planner.ts';
import type { SearchResult } from './hybridSearch.ts';

/** What a query without text finds: all that the filter keeps, the most popular first where that is known. */
export function browse(catalogue: Catalogue, plan: Plan, k: number, popularity?: (ordinal: number) => number): SearchResult {
  const kept: { ordinal: number; score: number }[] = [];
  const matching = new Bitset(catalogue.rows);
  for (let ordinal = 0; ordinal < catalogue.rows; ordinal++) {
    if (catalogue.at(ordinal) === undefined) continue;
    matching.add(ordinal);
    if (plan.has(ordinal)) kept.push({ ordinal, score: popularity?.(ordinal) ?? 0 });
  }
  kept.sort((a, b) => b.score - a.score || a.ordinal - b.ordinal);
  const candidates = kept.slice(0, k).flatMap(({ ordinal, score }, i): Candidate[] => {
    const item = catalogue.at(ordinal);
    if (item === undefined) return [];
    // Nothing was asked, so there is no relevance: the order is all that this says.
    return [
      {
        id: item.id,
        ordinal,
        hits: [{ source: 'browse', score, rank: i + 1 }],
        match: { fused: 1 / (1 + i / k), cosine: 0, words: {} },
      },
    ];
  });
  return { candidates, total: kept.length, correctedQuery: null, notice: null, matching, degraded: [] };
}
