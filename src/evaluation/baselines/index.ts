import type { Interactions } from '../../retrieval/interactions.ts';
import type { Baseline } from './baseline.ts';
import { coVisitation } from './coVisitation.ts';
import { ease } from './ease.ts';
import { itemKnn } from './itemKnn.ts';
import { markov } from './markov.ts';
import { popularity } from './popularity.ts';
import { recentPopularity } from './recentPopularity.ts';

/** All built-in baselines, each fitted when it is asked for. */
export const baselines: readonly ((interactions: Interactions) => Baseline)[] = [
  popularity,
  recentPopularity,
  markov,
  coVisitation,
  itemKnn,
  ease,
];

export { type Baseline, recommend } from './baseline.ts';
