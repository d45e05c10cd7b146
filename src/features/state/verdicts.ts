import type { HistoryEntry } from '../../domain/pipeline.ts';
import type { EntityState } from '../../domain/state.ts';
import type { Verdict } from '../tastes.ts';
import { shownOf } from './shown.ts';

/** What an actor made of every item they were shown lately: one verdict an item, that they acted upon it where they ever did. */
export function* verdictsOf(
  state: EntityState | undefined,
  history: readonly HistoryEntry[],
  weights: Readonly<Record<string, number>>,
): Generator<Verdict> {
  const taken = new Set<string>();
  for (const { itemId, type } of history) if ((weights[type] ?? 1) > 0) taken.add(itemId);
  for (const item of new Set(shownOf(state).items)) yield { item, acted: taken.has(item) };
}
