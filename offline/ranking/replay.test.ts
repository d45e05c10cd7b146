import { expect, it } from 'vitest';
import type { EnrichedEvent } from '../../src/domain/event.ts';
import { emptyStatistics } from '../../src/features/statistics.ts';
import { createVectoriser } from '../../src/ranking/vectoriser.ts';
import { inTimeOrder, joinActions } from './join.ts';
import { replay } from './replay.ts';
import { interactionsOf, quickModels, smallWorld } from './testing.ts';

it('makes the same rows of a list to the byte whatever happens after it was shown, its own clicks included', () => {
  const world = smallWorld(700);
  const { catalogue, config, events } = world;
  const weights = { click: 1 };
  const models = quickModels(interactionsOf(events, catalogue));
  const rowsOf = (log: readonly EnrichedEvent[]) => {
    const ordered = inTimeOrder(log);
    const statistics = emptyStatistics(['genre']);
    const vectoriser = createVectoriser({ models, catalogue, fields: config.fields, weights, statistics });
    const joined = joinActions(ordered, { window: 1e6, weights });
    const rows = new Map<string, Float32Array>();
    for (const moment of replay({ catalogue, loop: config.loop, weights, ordered, joined, statistics })) {
      if (moment.kind === 'shown') rows.set(moment.event.requestId, vectoriser.vectorise(moment.list));
    }
    return { rows, statistics, taste: vectoriser.columns.indexOf('taste'), width: vectoriser.columns.length };
  };
  const straight = rowsOf(events);
  const asked = [...straight.rows.keys()].at(-30)!;
  const list = events.find((event) => event.kind === 'impression' && event.requestId === asked);
  const last = list?.kind === 'impression' ? list.items.at(-1)!.id : '';
  const other = rowsOf(
    events.map((event) => {
      if (event.kind === 'impression' || event.occurredAt <= list!.occurredAt) return event;
      return { ...event, itemId: event.requestId === asked ? last : 'i59' };
    }),
  );
  const rows = straight.rows.get(asked)!;
  expect(other.rows.get(asked)).toEqual(rows);
  expect(rows.some((value, i) => i % straight.width === straight.taste && value !== 0)).toBe(true);
  expect(other.statistics.tastes).not.toEqual(straight.statistics.tastes);
});
