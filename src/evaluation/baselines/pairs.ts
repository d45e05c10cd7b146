import type { CoVisitationSettings } from '../../retrieval/coVisitation.ts';

/** Plain counts of what follows within ten entries, nothing normalised: what the baselines vary. */
export const plainPairs: CoVisitationSettings = {
  window: 10,
  decay: 0.8,
  norm: 0,
  fromNorm: 0,
  directed: true,
  budget: 20_000_000,
  last: 5,
  historyDecay: 0.5,
};
