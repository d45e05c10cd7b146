import { z } from 'zod';
import { isRecord } from '../../domain/json.ts';
import type { EntityState } from '../../domain/state.ts';
import type { StateFeature } from '../feature.ts';
import { isNumbers } from './guards.ts';

const DAY = 86_400_000;
/** Half-lives of the decayed counts, milliseconds. */
export const HALF_LIVES = [DAY, 30 * DAY] as const;

/**
 * By event type `[count, sum of values, count decayed by the day, count decayed by the month, newest time]`; the decayed
 * counts are as of the newest time.
 */
export type PopularityState = { readonly [type: string]: readonly number[] };

/** How often people acted on an item, ever and lately. Decayed sums commute: a late event is discounted by its own age. */
export const popularityFeature: StateFeature<PopularityState> = {
  name: 'popularity',
  version: 1,
  entity: 'item',
  schema: z.record(z.string(), z.array(z.number()).length(5)),
  initial: {},
  read: (value) => {
    if (!isRecord(value)) return {};
    const state: Record<string, readonly number[]> = {};
    for (const type in value) {
      const counts = value[type];
      if (isNumbers(counts)) state[type] = counts;
    }
    return state;
  },
  update: (state, event) => {
    if (event.kind !== 'action') return state;
    const value = event.value ?? 0;
    return { ...state, [event.type]: add(state[event.type], [1, value, 1, 1, event.occurredAt]) };
  },
  merge: (a, b) => {
    const merged: Record<string, readonly number[]> = { ...a };
    for (const type in b) merged[type] = add(a[type], b[type]!);
    return merged;
  },
};

function add(a: readonly number[] | undefined, b: readonly number[]): readonly number[] {
  if (a === undefined) return b;
  const at = Math.max(a[4]!, b[4]!);
  const decayed = (place: number): number => {
    const halfLife = HALF_LIVES[place - 2]!;
    return a[place]! * 2 ** ((a[4]! - at) / halfLife) + b[place]! * 2 ** ((b[4]! - at) / halfLife);
  };
  return [a[0]! + b[0]!, a[1]! + b[1]!, decayed(2), decayed(3), at];
}

/**
 * Weighted numbers of actions on an item: ever, and halved for every half-life (0: a day, 1: 30 days) that lies between them
 * and `at`. A type without a weight counts as 1.
 */
export function actionsOf(
  state: EntityState | undefined,
  weights: Readonly<Record<string, number>>,
  at: number,
  halfLife: 0 | 1,
): { readonly ever: number; readonly lately: number } {
  const byType = state?.features['popularity'];
  let ever = 0;
  let lately = 0;
  if (!isRecord(byType)) return { ever, lately };
  for (const type in byType) {
    const counts = byType[type];
    if (!isNumbers(counts)) continue;
    const weight = weights[type] ?? 1;
    const age = Math.max(0, at - counts[4]!);
    ever += weight * counts[0]!;
    lately += weight * counts[2 + halfLife]! * 2 ** (-age / HALF_LIVES[halfLife]);
  }
  return { ever, lately };
}
