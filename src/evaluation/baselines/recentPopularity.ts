import type { Interactions } from '../../retrieval/interactions.ts';
import type { Baseline } from './baseline.ts';

/** The share of the log's entries, the latest, that counts. */
const SHARE = 0.1;

/** The same for everybody: entries of late; among items without any, those of all time decide. */
export function recentPopularity({ items, weights, times, itemCount }: Interactions): Baseline {
  const sorted = times.slice().sort();
  const from = sorted[Math.floor((1 - SHARE) * sorted.length)] ?? 0;
  const counts = new Float32Array(itemCount);
  for (let i = 0; i < items.length; i++) if (weights[i]! > 0) counts[items[i]!]! += times[i]! >= from ? 1 : 1e-6;
  return { name: 'recent popularity', score: () => counts };
}
