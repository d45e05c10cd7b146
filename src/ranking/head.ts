import type { Calibration } from './calibration.ts';
import type { Network } from './network.ts';
import type { Scaling } from './standardise.ts';

/** A network with what scales its columns and turns its scores into probabilities. */
export interface Head {
  readonly scaling: Scaling;
  readonly network: Network;
  readonly calibration: Calibration;
}

/** What scores lists: one head for what stage one proposed, and maybe another for lists that a caller brings. */
export type Heads<H = Head> = H & {
  readonly columns: readonly string[];
  readonly brought?: H;
};

/** The head for a list, told by the column that says who proposed it. */
export function headFor<H>(heads: Heads<H>, features: Float32Array): H {
  const { brought, columns } = heads;
  return brought !== undefined && features[columns.indexOf('proposed')] === 0 ? brought : heads;
}
