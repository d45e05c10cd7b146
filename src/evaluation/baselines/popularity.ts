import type { Interactions } from '../../retrieval/interactions.ts';
import type { Baseline } from './baseline.ts';

/** The same for everybody: how many entries an item has. */
export function popularity({ items, weights, itemCount }: Interactions): Baseline {
  const counts = new Float32Array(itemCount);
  for (let i = 0; i < items.length; i++) if (weights[i]! > 0) counts[items[i]!]!++;
  return { name: 'popularity', score: () => counts };
}
