import type { RankingFeature } from '../feature.ts';
import type { QueryMemory } from '../queryMemory.ts';
import { logLift } from '../statistics.ts';

/** Imaginary looks at the rate of all searches. */
const STRENGTH = 10;

/** What the columns begin with that know of this very query. */
export const OWN_CLICKS = 'clicks.';

/**
 * What searchers with this very query took: how often the candidate was taken when it was looked at, against the rate of all
 * searches and shrunk towards it, and its share of all that was taken. 0 where it was not shown for the query yet.
 */
export function queryClicks(memory: QueryMemory): RankingFeature {
  return {
    name: 'query-clicks',
    version: 1,
    columns: [`${OWN_CLICKS}rate`, `${OWN_CLICKS}share`],
    sources: ['actions', 'impressions'],
    write: ({ size, candidates, query }, out, offset, stride) => {
      const clicks = query.text === undefined ? undefined : memory.clicksOf(query.text);
      if (clicks === undefined) return;
      let all = 0;
      for (const { taken } of clicks.values()) all += taken;
      for (let i = 0; i < size; i++) {
        const own = clicks.get(candidates[i]!.id);
        if (own === undefined) continue;
        out[i * stride + offset] = logLift(own.taken, own.looked, memory.rate, STRENGTH);
        out[i * stride + offset + 1] = own.taken / (all + 1);
      }
    },
  };
}
