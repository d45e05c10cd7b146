import { z } from 'zod';
import { isRecord } from '../../domain/json.ts';
import type { HistoryEntry } from '../../domain/pipeline.ts';
import type { EntityState } from '../../domain/state.ts';
import type { StateFeature } from '../feature.ts';
import { isNumbers, isStrings } from './guards.ts';

/** Parallel arrays, oldest action first; of equal times, the one that arrived first. */
export type HistoryState = {
  readonly items: readonly string[];
  readonly types: readonly string[];
  readonly at: readonly number[];
  /** `null` where the action carried no value. */
  readonly values: readonly (number | null)[];
};

const empty: HistoryState = { items: [], types: [], at: [], values: [] };

/** The actor's latest `length` actions. */
export function historyFeature(length: number): StateFeature<HistoryState> {
  return {
    name: 'history',
    version: 1,
    entity: 'actor',
    schema: z.object({
      items: z.array(z.string()),
      types: z.array(z.string()),
      at: z.array(z.number()),
      values: z.array(z.number().nullable()),
    }),
    initial: empty,
    read: (value) => {
      if (!isRecord(value)) return empty;
      const { items, types, at, values } = value;
      return isStrings(items) && isStrings(types) && isNumbers(at) && isValues(values) ? { items, types, at, values } : empty;
    },
    update: (state, event) => {
      if (event.kind !== 'action') return state;
      let place = state.at.length;
      while (place > 0 && state.at[place - 1]! > event.occurredAt) place--;
      if (place === 0 && state.at.length >= length) return state;
      const start = state.at.length >= length ? 1 : 0;
      const insert = <T>(list: readonly T[], entry: T): T[] => {
        const next = list.slice(start, place);
        next.push(entry);
        for (let i = place; i < list.length; i++) next.push(list[i]!);
        return next;
      };
      return {
        items: insert(state.items, event.itemId),
        types: insert(state.types, event.type),
        at: insert(state.at, event.occurredAt),
        values: insert(state.values, event.value ?? null),
      };
    },
    merge: (a, b) => {
      const order = [...a.at, ...b.at].map((at, index) => ({ at, index })).sort((x, y) => x.at - y.at || x.index - y.index);
      const kept = order.slice(-length).map(({ index }) => index);
      const pick = <T>(x: readonly T[], y: readonly T[]): T[] => kept.map((i) => (i < x.length ? x[i]! : y[i - x.length]!));
      return {
        items: pick(a.items, b.items),
        types: pick(a.types, b.types),
        at: pick(a.at, b.at),
        values: pick(a.values, b.values),
      };
    },
  };
}

const isValues = (value: unknown): value is readonly (number | null)[] =>
  Array.isArray(value) && (value.length === 0 || value[0] === null || typeof value[0] === 'number');

const reader = historyFeature(1);

/** The actor's actions, oldest first. */
export function historyOf(state: EntityState | undefined): readonly HistoryEntry[] {
  const { items, types, at, values } = reader.read(state?.features['history']);
  return items.map((itemId, i) => {
    const value = values[i];
    const entry = { itemId, type: types[i]!, at: at[i]! };
    return value === null || value === undefined ? entry : { ...entry, value };
  });
}
