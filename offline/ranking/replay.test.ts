import { describe, expect, it } from 'vitest';
import type { EnrichedEvent } from '../../src/domain/event.ts';
import { shownOf } from '../../src/features/state/shown.ts';
import { emptyStatistics } from '../../src/features/statistics.ts';
import { createVectoriser } from '../../src/ranking/vectoriser.ts';
import { inTimeOrder, joinActions } from './join.ts';
import { type PastMoment, replay } from './replay.ts';
import { click, interactionsOf, quickModels, shown, smallWorld } from './testing.ts';

/** What is told of each moment as the replay stops there: its states move on after that. */
function tellEach<T>(events: readonly EnrichedEvent[], tell: (moment: PastMoment) => T[]): T[] {
  const { catalogue, config } = smallWorld(0);
  const weights = { click: 1 };
  const ordered = inTimeOrder(events);
  const joined = joinActions(ordered, { window: 100, weights });
  const input = { catalogue, loop: config.loop, weights, ordered, joined, statistics: emptyStatistics([]) };
  return Array.from(replay(input), tell).flat();
}

/** Each acted moment, and what its actor had been shown and had done by then. */
const actedMoments = (events: readonly EnrichedEvent[]) =>
  tellEach(events, (moment) => (moment.kind === 'acted' ? [told(moment)] : []));

function told({ event, ofList, listOf }: PastMoment & { kind: 'acted' }) {
  const { history, query } = listOf([]);
  return { id: event.id, ofList, done: history.map(({ itemId }) => itemId), shown: shownOf(query.userState).items };
}

describe('the moments in which people turned to something new', () => {
  it('are those before the list was shown that they chose from, so that nothing tells which items stood in it', () => {
    const moments = actedMoments([
      click('organic', 0, 'i0'),
      shown('r1', 1000, ['i1', 'i2', 'i3']),
      click('a', 1001, 'i1', 'r1'),
      click('b', 1002, 'i3', 'r1'),
    ]);
    expect(moments).toEqual([
      { id: 'a', ofList: true, done: ['i0'], shown: [] },
      { id: 'b', ofList: true, done: ['i0'], shown: [] },
    ]);
  });

  it('are those right before the action where no list brought it', () => {
    const moments = actedMoments([
      click('organic', 0, 'i0'),
      shown('r1', 1000, ['i1', 'i2']),
      click('a', 1001, 'i2', 'r1'),
      click('b', 5000, 'i9'),
    ]);
    expect(moments.at(-1)).toEqual({ id: 'b', ofList: false, done: ['i0', 'i2'], shown: ['i1', 'i2'] });
  });
});

it('asks about a list of similar items as it was ranked: as if what they are like had just been acted upon', () => {
  const listed = (list: EnrichedEvent) =>
    tellEach([click('before', 0, 'i0'), list, click('a', 1001, 'i1', 'r1')], (moment) =>
      moment.kind === 'shown' ? [moment.list.history.map(({ itemId }) => itemId)] : [],
    );
  const list = shown('r1', 1000, ['i1', 'i2']);
  expect(listed({ ...list, route: 'similar', anchor: 'i5' })).toEqual([['i5']]);
  expect(listed(list)).toEqual([['i0']]);
});

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
