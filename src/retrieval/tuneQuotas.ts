import type { HeldOutEntry } from './heldOut.ts';
import { mergeProposals } from './merge.ts';
import type { RetrievalModels } from './models.ts';
import { sourceLists } from './propose.ts';
import { historyQuotas, type Quotas } from './quotas.ts';

/** Mixtures that are compared with the usual one: leaning to each source, and to popularity where little can be learned. */
const MIXTURES: readonly Quotas[] = [
  { behaviour: 0.65, covisitation: 0.15, together: 0.15, content: 0.05, new: 0.05 },
  { behaviour: 0.3, covisitation: 0.45, together: 0.2, content: 0.05, new: 0.05 },
  { behaviour: 0.25, covisitation: 0.2, together: 0.5, content: 0.05, new: 0.05 },
  { behaviour: 0.35, covisitation: 0.25, together: 0.2, content: 0.2, new: 0.05 },
  { behaviour: 0.35, covisitation: 0.2, together: 0.2, content: 0.05, new: 0.05, popular: 0.2 },
  { behaviour: 0.2, covisitation: 0.15, together: 0.15, content: 0.05, new: 0.05, popular: 0.45 },
  { behaviour: 0.08, covisitation: 0.05, together: 0.08, content: 0.05, new: 0.05, popular: 0.74 },
];
const MOST_CASES = 500;
const FEWEST_CASES = 50;
const POOL = 200;
/** Less of an improvement than this may be chance. */
const WORTH_IT = 1.01;

export interface ChosenQuotas {
  readonly quotas: Quotas;
  /** Share of the held-out entries among the candidates, with the chosen and with the usual shares; NaN where there were too few to choose by. */
  readonly recall: number;
  readonly usual: number;
  /** Pool that the recall is of: 200, or a tenth of a small catalogue. */
  readonly pool: number;
}

/** Chooses the sources' shares by how many held-out entries they bring into the pool. @param models fitted without the held-out entries */
export function tuneQuotas(models: RetrievalModels, cases: readonly HeldOutEntry[]): ChosenQuotas {
  const pool = Math.max(10, Math.min(POOL, Math.ceil(models.trainedSize / 10)));
  if (cases.length < FEWEST_CASES) return { quotas: historyQuotas, recall: Number.NaN, usual: Number.NaN, pool };
  const mixtures = [historyQuotas, ...MIXTURES];
  const found = mixtures.map(() => 0);
  const step = Math.ceil(cases.length / MOST_CASES);
  let count = 0;
  for (let i = 0; i < cases.length; i += step) {
    const { history, target } = cases[i]!;
    const lists = sourceLists(models, Array.from(history), { k: pool, excluded: new Set(history), quotas: historyQuotas });
    count++;
    if (!lists.some(({ entries }) => entries.some(({ key }) => key === target))) continue;
    for (const [m, mixture] of mixtures.entries()) {
      const shared = lists.map((list) => ({ ...list, quota: mixture[list.source] ?? 0 }));
      if (mergeProposals(shared, pool).some(({ key }) => key === target)) found[m]!++;
    }
  }
  let best = 0;
  for (let m = 1; m < found.length; m++) if (found[m]! > found[best]! * (best === 0 ? WORTH_IT : 1)) best = m;
  return { quotas: mixtures[best]!, recall: found[best]! / count, usual: found[0]! / count, pool };
}
