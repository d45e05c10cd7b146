import { z } from 'zod';
import { isRecord } from '../../domain/json.ts';
import type { EntityState } from '../../domain/state.ts';
import type { StateFeature } from '../feature.ts';
import { isNumbers, isStrings } from './guards.ts';

/** Parallel arrays, oldest first: an item for every time it was shown, and where. */
export type ShownState = {
  readonly items: readonly string[];
  readonly at: readonly number[];
  /** Counted from 1. */
  readonly positions: readonly number[];
};

const CAPACITY = 500;
const empty: ShownState = { items: [], at: [], positions: [] };

/** What an actor was shown lately, acted upon or not: the ground of their own rates of action. */
export const shownFeature: StateFeature<ShownState> = {
  name: 'shown',
  version: 2,
  entity: 'actor',
  schema: z.object({ items: z.array(z.string()), at: z.array(z.number()), positions: z.array(z.number()) }),
  initial: empty,
  read: (value) => {
    if (!isRecord(value)) return empty;
    const { items, at, positions } = value;
    return isStrings(items) && isNumbers(at) && isNumbers(positions) && positions.length === items.length
      ? { items, at, positions }
      : empty;
  },
  update: (state, event) => {
    if (event.kind !== 'impression' || event.items.length === 0) return state;
    let place = state.at.length;
    while (place > 0 && state.at[place - 1]! > event.occurredAt) place--;
    const insert = <T>(list: readonly T[], entries: readonly T[]): T[] =>
      [...list.slice(0, place), ...entries, ...list.slice(place)].slice(-CAPACITY);
    return {
      items: insert(
        state.items,
        event.items.map((item) => item.id),
      ),
      at: insert(
        state.at,
        event.items.map(() => event.occurredAt),
      ),
      positions: insert(
        state.positions,
        event.items.map((item) => item.position),
      ),
    };
  },
  merge: (a, b) => {
    const entries = (state: ShownState) => state.at.map((at, i) => ({ at, id: state.items[i]!, position: state.positions[i]! }));
    const kept = [...entries(a), ...entries(b)].sort((x, y) => x.at - y.at).slice(-CAPACITY);
    return { items: kept.map(({ id }) => id), at: kept.map(({ at }) => at), positions: kept.map(({ position }) => position) };
  },
};

export const shownOf = (state: EntityState | undefined): ShownState => shownFeature.read(state?.features['shown']);
