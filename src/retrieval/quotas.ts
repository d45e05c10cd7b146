import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Query } from '../domain/pipeline.ts';

/** Shares of the candidate pool by source name; a source that is not named, or has 0, only fills what is left. */
export type Quotas = Readonly<Record<string, number>>;

/** For someone with a history: the embedding model and co-visitation bring the candidates, the rest a taste. */
export const historyQuotas: Quotas = { behaviour: 0.45, covisitation: 0.3, together: 0.2, content: 0.05, new: 0.05 };

/** For someone nobody knows. */
export const strangerQuotas: Quotas = { popular: 0.7, trending: 0.25, new: 0.05 };

/** For similar items: what the item is weighs more than in a recommendation. */
const similarQuotas: Quotas = { covisitation: 0.3, together: 0.2, behaviour: 0.2, content: 0.3 };

/**
 * @param newItems share of the pool for items nobody has touched, where exploration is configured
 * @param chosen shares for someone with a history
 */
export function quotasFor({ anchor, history }: Query, newItems = 0, chosen: Quotas = historyQuotas): Quotas {
  const base = anchor !== undefined ? similarQuotas : history.length > 0 ? chosen : strangerQuotas;
  return newItems > 0 ? { ...base, new: Math.max(base['new'] ?? 0, newItems) } : base;
}

const MOST_NEW = 0.25;

/**
 * Share of the pool for new items: twice the share of the catalogue that came since the models were trained, up to a quarter,
 * as people turn to new items more than to old ones and no other source knows them well; at least what is configured.
 */
export function newItemShare({ history }: Query, { rows, trainedSize }: Catalogue, configured = 0): number {
  // Without a history there is nothing to choose new items by.
  if (history.length === 0) return configured;
  return Math.max(configured, Math.min(MOST_NEW, (2 * (rows - trainedSize)) / Math.max(1, rows)));
}
