import { z } from 'zod';
import type { EntityState } from '../../domain/state.ts';
import type { StateFeature } from '../feature.ts';
import { isNumbers } from './guards.ts';

/** Upper ends of the position buckets: 1, 2, 3, 4–5, 6–8, 9–14, 15–24, beyond. */
const BUCKETS = [1, 2, 3, 5, 8, 14, 24] as const;
export const POSITION_BUCKETS = BUCKETS.length + 1;

/** Place of a position, counted from 1, in the histogram. */
export function positionBucket(position: number): number {
  let bucket = 0;
  while (bucket < BUCKETS.length && position > BUCKETS[bucket]!) bucket++;
  return bucket;
}

const none: readonly number[] = Array.from({ length: POSITION_BUCKETS }, () => 0);

/**
 * How often an item was shown, by where it stood. Kept as a histogram, so that whatever estimate of how much each place is
 * looked at applies to all of the past.
 */
export const exposureFeature: StateFeature<readonly number[]> = {
  name: 'exposure',
  version: 1,
  entity: 'item',
  schema: z.array(z.number()).length(POSITION_BUCKETS),
  initial: none,
  read: (value) => (isNumbers(value) && value.length === POSITION_BUCKETS ? value : none),
  update: (state, event, { position }) => {
    if (event.kind !== 'impression') return state;
    const next = state.slice();
    next[positionBucket(position ?? 1)]!++;
    return next;
  },
  merge: (a, b) => a.map((count, bucket) => count + b[bucket]!),
};

/** How often the item was shown; with `examination` (by bucket), how often it was probably looked at. */
export function exposuresOf(state: EntityState | undefined, examination?: ArrayLike<number>): number {
  const counts = state?.features['exposure'];
  if (!isNumbers(counts)) return 0;
  let sum = 0;
  if (examination === undefined) for (let bucket = 0; bucket < counts.length; bucket++) sum += counts[bucket]!;
  else for (let bucket = 0; bucket < counts.length; bucket++) sum += counts[bucket]! * (examination[bucket] ?? 1);
  return sum;
}
