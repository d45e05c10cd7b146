import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EnrichedEvent } from '../../domain/event.ts';
import type { EntityState } from '../../domain/state.ts';
import { createStateFeatures, historyOf, seenOf } from '../index.ts';
import { applyEvent, mergeStates, type StateTable } from './apply.ts';
import { clickThroughOf } from './clickThrough.ts';
import { exposuresOf, positionBucket } from './exposure.ts';
import { actionsOf } from './popularity.ts';

const DAY = 86_400_000;
const features = createStateFeatures({ historyLength: 20, attributionWindowMinutes: 1440 });
const weights = { click: 1, buy: 5 };

const actionEvent = fc.record({
  kind: fc.constant('action' as const),
  id: fc.uuid(),
  type: fc.constantFrom('click', 'buy'),
  itemId: fc.constantFrom('a', 'b', 'c', 'a:b'),
  userId: fc.constantFrom('u', 'v'),
});
const impressionEvent = fc.record({
  kind: fc.constant('impression' as const),
  id: fc.uuid(),
  requestId: fc.uuid(),
  userId: fc.constantFrom('u', 'v'),
  items: fc.constant([
    { id: 'a', position: 1 },
    { id: 'c', position: 9 },
  ]),
});
const events = fc
  .array(fc.oneof(actionEvent, impressionEvent), { maxLength: 30 })
  .map((list): EnrichedEvent[] => list.map((event, i) => ({ ...event, occurredAt: i * DAY * 0.7 })));

function replay(list: readonly EnrichedEvent[]): StateTable {
  const states: StateTable = new Map();
  for (const event of list) applyEvent(features, states, event, weights);
  return states;
}

describe('state features', () => {
  it('come to the same state in whatever order events of different times arrive', () => {
    fc.assert(
      fc.property(events, fc.nat(), (list, rotation) => {
        const cut = list.length === 0 ? 0 : rotation % list.length;
        const straight = replay(list);
        const turned = replay([...list.slice(cut), ...list.slice(0, cut)]);
        expect([...turned.keys()].sort()).toEqual([...straight.keys()].sort());
        for (const [key, state] of straight) {
          const other = turned.get(key);
          expect(historyOf(other)).toEqual(historyOf(state));
          expect(seenOf(other)).toEqual(seenOf(state));
          expect(exposuresOf(other)).toBe(exposuresOf(state));
          for (const halfLife of [0, 1] as const) {
            const through = clickThroughOf(state, 40 * DAY, halfLife);
            const turnedThrough = clickThroughOf(other, 40 * DAY, halfLife);
            expect(turnedThrough.shown).toBeCloseTo(through.shown, 9);
            expect(turnedThrough.acted).toBeCloseTo(through.acted, 9);
            expect(actionsOf(other, weights, 40 * DAY, halfLife).lately).toBeCloseTo(
              actionsOf(state, weights, 40 * DAY, halfLife).lately,
              9,
            );
          }
        }
      }),
    );
  });

  it('are valid by their own schemas and survive JSON', () => {
    fc.assert(
      fc.property(events, (list) => {
        for (const state of replay(list).values()) {
          for (const feature of features) {
            const value = state.features[feature.name];
            if (value === undefined) continue;
            expect(feature.schema.safeParse(value).success).toBe(true);
            expect(feature.read(JSON.parse(JSON.stringify(value)))).toEqual(value);
          }
        }
      }),
    );
  });

  it('of a session and a user add up when the two turn out to be one person', () => {
    fc.assert(
      fc.property(events, events, (first, second) => {
        const asSession = first.map((event) => ({ ...event, userId: 'u' }));
        const later = second.map((event) => ({ ...event, userId: 'u', occurredAt: event.occurredAt + 100 * DAY }));
        const none: EntityState = { features: {} };
        const together = replay([...asSession, ...later]).get('user:u') ?? none;
        const merged = mergeStates(features, replay(asSession).get('user:u') ?? none, replay(later).get('user:u') ?? none);
        expect(historyOf(merged)).toEqual(historyOf(together));
        expect(seenOf(merged)).toEqual(seenOf(together));
      }),
    );
  });

  it('keep the latest actions only, and a late one only where it still belongs', () => {
    const states: StateTable = new Map();
    const act = (at: number, itemId: string): void =>
      applyEvent(features, states, { kind: 'action', id: `${at}`, type: 'click', itemId, userId: 'u', occurredAt: at }, weights);
    for (let i = 1; i <= 25; i++) act(i * 10, `i${i}`);
    act(5, 'too-old');
    act(101, 'late');
    const ids = historyOf(states.get('user:u')).map((entry) => entry.itemId);
    expect(ids).toHaveLength(20);
    expect(ids).not.toContain('too-old');
    expect(ids.indexOf('late')).toBe(ids.indexOf('i11') - 1);
    expect(seenOf(states.get('user:u')).has('too-old')).toBe(true);
  });

  it('count actions by weight and exposures by place', () => {
    const states = replay([
      { kind: 'impression', id: '1', requestId: 'r', userId: 'u', occurredAt: 1, items: [{ id: 'a', position: 4 }] },
      { kind: 'action', id: '2', type: 'click', itemId: 'a', userId: 'u', occurredAt: 2 },
      { kind: 'action', id: '3', type: 'buy', itemId: 'a', userId: 'u', occurredAt: 2 + DAY },
    ]);
    const item = states.get('item:a');
    const { ever, lately } = actionsOf(item, weights, 2 + DAY, 0);
    expect(ever).toBe(6);
    expect(lately).toBeCloseTo(5 + 0.5, 9);
    expect(
      exposuresOf(
        item,
        Float64Array.from({ length: 8 }, (_, b) => (b === positionBucket(4) ? 0.5 : 1)),
      ),
    ).toBe(0.5);
    expect(seenOf(states.get('user:u'))).toEqual(new Set(['a']));
  });

  it('count a showing that was acted upon once, by the latest showing before, and nothing that was not shown', () => {
    const show = (at: number, position: number): EnrichedEvent => ({
      kind: 'impression',
      id: `s${at}`,
      requestId: `s${at}`,
      userId: 'u',
      occurredAt: at,
      items: [{ id: 'a', position }],
    });
    const act = (at: number, itemId = 'a', type = 'click'): EnrichedEvent => ({
      kind: 'action',
      id: `${at}${itemId}${type}`,
      type,
      itemId,
      userId: 'u',
      occurredAt: at,
    });
    const acted = (list: readonly EnrichedEvent[], id = 'item:a' as const) =>
      Math.round(1e6 * clickThroughOf(replay(list).get(id), 2 * DAY, 1).acted) / 1e6;
    const one = acted([show(DAY, 1), act(DAY + 1)]);
    expect(one).toBeCloseTo(2 ** (-1 / 30), 5);
    // A click and a purchase after one list are one showing that was acted upon; clicks without a list, or long after it, are none.
    expect(acted([show(DAY, 1), act(DAY + 1), act(DAY + 2, 'a', 'buy')])).toBe(one);
    expect(acted([act(DAY + 1)])).toBe(0);
    expect(acted([show(DAY, 1), act(3 * DAY)])).toBe(0);
    expect(acted([show(DAY, 1), act(DAY + 1, 'b')])).toBe(0);
    // The list comes late, and then another that stood closer to the click.
    expect(acted([act(DAY + 1), show(DAY, 1)])).toBe(one);
    const taken = replay([show(DAY - 10, 9), act(DAY + 1), show(DAY, 1)]).get('item:a');
    const examination = Float64Array.from({ length: 8 }, (_, b) => (b === positionBucket(9) ? 0.5 : 1));
    const { shown, acted: once } = clickThroughOf(taken, 2 * DAY, 1, examination);
    expect(once).toBeCloseTo(one, 5);
    expect(shown).toBeCloseTo(1.5 * one, 5);
    expect(clickThroughOf(taken, 2 * DAY, 0).acted).toBeCloseTo(0.5, 5);
  });
});
