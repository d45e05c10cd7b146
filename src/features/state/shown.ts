import { z } from 'zod';
import type { EntityState } from '../../domain/state.ts';
import type { StateFeature } from '../feature.ts';
import { isArrays, isNumbers, isStrings } from './guards.ts';

/** Parallel arrays, oldest first: an item for every time it was shown. */
export type ShownState = { readonly items: readonly string[]; readonly at: readonly number[] };

const CAPACITY = 500;
const empty: ShownState = { items: [], at: [] };

/** What an actor was shown lately, acted upon or not: the ground of their own rates of action. */
export const shownFeature: StateFeature<ShownState> = {
  name: 'shown',
  version: 1,
  entity: 'actor',
  schema: z.object({ items: z.array(z.string()), at: z.array(z.number()) }),
  initial: empty,
  read: (value) => {
    if (!isArrays(value)) return empty;
    const { items, at } = value;
    return isStrings(items) && isNumbers(at) ? { items, at } : empty;
  },
  update: (state, event) => {
    if (event.kind !== 'impression' || event.items.length === 0) return state;
    const list = event.items.map((item) => item.id);
    let place = state.at.length;
    while (place > 0 && state.at[place - 1]! > event.occurredAt) place--;
    const items = [...state.items.slice(0, place), ...list, ...state.items.slice(place)];
    const at = [...state.at.slice(0, place), ...list.map(() => event.occurredAt), ...state.at.slice(place)];
    return { items: items.slice(-CAPACITY), at: at.slice(-CAPACITY) };
  },
  merge: (a, b) => {
    const all = [...a.at.map((at, i) => ({ at, id: a.items[i]! })), ...b.at.map((at, i) => ({ at, id: b.items[i]! }))];
    const kept = all.sort((x, y) => x.at - y.at).slice(-CAPACITY);
    return { items: kept.map((entry) => entry.id), at: kept.map((entry) => entry.at) };
  },
};

export const shownOf = (state: EntityState | undefined): ShownState => shownFeature.read(state?.features['shown']);
