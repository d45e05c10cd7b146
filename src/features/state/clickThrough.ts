import { z } from 'zod';
import { isRecord } from '../../domain/json.ts';
import type { EntityState } from '../../domain/state.ts';
import type { StateFeature } from '../feature.ts';
import { POSITION_BUCKETS, positionBucket } from './exposure.ts';
import { isNumbers } from './guards.ts';
import { joinsOf } from './joins.ts';
import { HALF_LIVES } from './popularity.ts';

const CELLS = HALF_LIVES.length * POSITION_BUCKETS;

/**
 * How often an item was shown, and acted upon where it was shown, by half-life and position bucket; both counted when it was
 * shown and decayed to `at`. Sums of the same showings, so that their quotient is a rate at every moment.
 */
export type ClickThroughState = { readonly at: number; readonly shown: readonly number[]; readonly acted: readonly number[] };

const none: readonly number[] = Array.from({ length: CELLS }, () => 0);
const empty: ClickThroughState = { at: 0, shown: none, acted: none };

/** The item's click-through lately. @param windowMinutes for how long after a showing an action still belongs to it */
export function clickThroughFeature(windowMinutes: number): StateFeature<ClickThroughState> {
  return {
    name: 'clickThrough',
    version: 1,
    entity: 'item',
    schema: z.object({ at: z.number(), shown: z.array(z.number()).length(CELLS), acted: z.array(z.number()).length(CELLS) }),
    initial: empty,
    read,
    joins: (actor, event, weights) => joinsOf(actor, event, windowMinutes * 60_000, weights),
    update: (state, event, { position, joins }) => {
      let next = state;
      if (event.kind === 'impression') next = add(next, 'shown', event.occurredAt, position ?? 1, 1);
      for (const join of joins ?? []) next = add(next, 'acted', join.at, join.position, join.change);
      return next;
    },
    merge: (a, b) => {
      const at = Math.max(a.at, b.at);
      const [first, second] = [decayed(a, at), decayed(b, at)];
      const sum = (x: readonly number[], y: readonly number[]): number[] => x.map((value, i) => value + y[i]!);
      return { at, shown: sum(first.shown, second.shown), acted: sum(first.acted, second.acted) };
    },
  };
}

/**
 * How often the item was shown and acted upon where it was shown, each halved for every half-life (0: a day, 1: 30 days)
 * between then and `at`; with `examination` (by position bucket) showings count for how probably they were looked at.
 */
export function clickThroughOf(
  state: EntityState | undefined,
  at: number,
  halfLife: 0 | 1,
  examination?: ArrayLike<number>,
): { readonly shown: number; readonly acted: number } {
  const now = decayed(read(state?.features['clickThrough']), at);
  let shown = 0;
  let acted = 0;
  for (let bucket = 0; bucket < POSITION_BUCKETS; bucket++) {
    const cell = halfLife * POSITION_BUCKETS + bucket;
    shown += now.shown[cell]! * (examination?.[bucket] ?? 1);
    acted += now.acted[cell]!;
  }
  // Of what was added and taken away again a rounding error may be left.
  return { shown, acted: Math.max(0, acted) };
}

function read(value: Parameters<StateFeature['read']>[0]): ClickThroughState {
  if (!isRecord(value)) return empty;
  const { at, shown, acted } = value;
  const fits = typeof at === 'number' && isNumbers(shown) && isNumbers(acted) && shown.length === CELLS && acted.length === CELLS;
  return fits ? { at, shown, acted } : empty;
}

/** Decayed sums commute: what comes late is discounted by its own age. */
function add(state: ClickThroughState, kind: 'shown' | 'acted', at: number, position: number, change: number): ClickThroughState {
  const next = at > state.at ? decayed(state, at) : state;
  const cells = next[kind].slice();
  HALF_LIVES.forEach((halfLife, h) => {
    cells[h * POSITION_BUCKETS + positionBucket(position)]! += change * 2 ** ((at - next.at) / halfLife);
  });
  return { ...next, [kind]: cells };
}

/** As of another time; earlier times count as the state's own. */
function decayed(state: ClickThroughState, at: number): ClickThroughState {
  const age = Math.max(0, at - state.at);
  if (age === 0) return state;
  const factors = HALF_LIVES.map((halfLife) => 2 ** (-age / halfLife));
  const scaled = (cells: readonly number[]): number[] =>
    cells.map((value, cell) => value * factors[Math.floor(cell / POSITION_BUCKETS)]!);
  return { at, shown: scaled(state.shown), acted: scaled(state.acted) };
}
