import { z } from 'zod';
import type { EntityState } from '../../domain/state.ts';
import type { StateFeature } from '../feature.ts';
import { isStrings } from './guards.ts';

/** Distinct ids; of very active actors the latest this many. */
const CAPACITY = 20_000;

/** The distinct items an actor has acted upon, in order of first action as it arrived. Being shown is not being seen. */
export const seenFeature: StateFeature<readonly string[]> = {
  name: 'seen',
  version: 1,
  entity: 'actor',
  schema: z.array(z.string()),
  initial: [],
  read: (value) => (isStrings(value) ? value : []),
  update: (state, event) => {
    if (event.kind !== 'action' || state.includes(event.itemId)) return state;
    const next = state.length >= CAPACITY ? state.slice(state.length - CAPACITY + 1) : state.slice();
    next.push(event.itemId);
    return next;
  },
  merge: (a, b) => [...new Set([...a, ...b])].slice(-CAPACITY),
};

/** Items the actor has acted upon: what `excludeSeen` leaves out. */
export const seenOf = (state: EntityState | undefined): ReadonlySet<string> => new Set(seenFeature.read(state?.features['seen']));
