import type { RankingFeature } from '../feature.ts';
import type { QueryMemory } from '../queryMemory.ts';
import { actionsOf } from '../state/popularity.ts';
import { logLift } from '../statistics.ts';
import type { FeatureInputs } from './shared.ts';

/** Imaginary looks at the rate of all searches. */
const STRENGTH = 20;

/**
 * How wanted the candidate is apart from this query: how often it is taken among the answers to others, against the rate of all
 * searches and shrunk towards it, and how often it was acted upon anywhere, ever and lately. What this query brought it is left out:
 * of a query that is often asked that would be the very answer, and of a new one nothing is known.
 */
export function itemDemand({ weights }: Pick<FeatureInputs, 'weights'>, memory: QueryMemory): RankingFeature {
  return {
    name: 'item-demand',
    version: 1,
    columns: ['elsewhere.rate', 'elsewhere.log', 'elsewhere.recent'],
    sources: ['actions', 'impressions'],
    write: ({ size, candidates, query }, out, offset, stride) => {
      const own = query.text === undefined ? undefined : memory.clicksOf(query.text);
      for (let i = 0; i < size; i++) {
        const { id, state } = candidates[i]!;
        const here = own?.get(id) ?? { looked: 0, taken: 0 };
        const all = memory.clicksOn(id);
        const { ever: acted, lately } = actionsOf(state, weights, query.featureTime, 0);
        const share = acted <= 0 ? 0 : Math.max(0, acted - here.taken) / acted;
        const at = i * stride + offset;
        out[at] = logLift(Math.max(0, all.taken - here.taken), Math.max(0, all.looked - here.looked), memory.rate, STRENGTH);
        out[at + 1] = Math.log1p(share * acted);
        out[at + 2] = Math.log1p(share * Math.max(0, lately));
      }
    },
  };
}
