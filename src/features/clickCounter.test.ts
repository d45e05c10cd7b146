import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EnrichedEvent } from '../domain/event.ts';
import { createClickCounter } from './clickCounter.ts';
import { QueryMemory } from './queryMemory.ts';

const examination = [1, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02];
const options = { examination, window: 60_000, weights: { click: 1, view: 0 } };

const search = (requestId: string, query: string, ids: readonly string[], at = 0): EnrichedEvent => ({
  kind: 'impression',
  id: requestId,
  requestId,
  userId: 'u',
  occurredAt: at,
  route: 'search',
  query,
  items: ids.map((id, i) => ({ id, position: i + 1 })),
});
const action = (itemId: string, at: number, rest: { requestId?: string; type?: string } = {}): EnrichedEvent => ({
  kind: 'action',
  id: `${itemId}${at}`,
  type: 'click',
  itemId,
  userId: 'u',
  occurredAt: at,
  ...rest,
});

function counted(events: readonly EnrichedEvent[]): QueryMemory {
  const memory = new QueryMemory();
  const take = createClickCounter(memory, options);
  for (const event of events) take(event);
  return memory;
}

it('counts what was shown for as much as its place is looked at, and once a list that it was taken', () => {
  const click = action('b', 10, { requestId: 'r' });
  const memory = counted([search('r', 'red lamp', ['a', 'b', 'c']), click, click, search('r', 'red lamp', ['a'])]);
  expect([...(memory.clicksOf('Red  LAMP') ?? [])]).toEqual([
    ['a', { looked: 1, taken: 0 }],
    ['b', { looked: 0.5, taken: 1 }],
    ['c', { looked: 0.4, taken: 0 }],
  ]);
  expect(memory.clicksOn('b')).toEqual({ looked: 0.5, taken: 1 });
});

it('takes an action without a request for the latest search’s, within the window, and nothing for what does not count', () => {
  const events = [
    search('r1', 'lamp', ['a']),
    search('r2', 'vase', ['a', 'b'], 1000),
    action('a', 2000),
    action('b', 2000, { type: 'view' }),
    action('c', 2000),
    action('b', 99_000),
    { ...search('r3', 'sofa', ['a'], 3000), route: 'recommend' as const },
    search('r4', '  ', ['a'], 3000),
  ];
  const memory = counted(events);
  expect(memory.clicksOf('vase')?.get('a')?.taken).toBe(1);
  expect(memory.clicksOf('vase')?.get('b')?.taken).toBe(0);
  expect(memory.clicksOf('lamp')?.get('a')?.taken).toBe(0);
  expect(memory.clicksOf('sofa')).toBeUndefined();
});

it('counts the same whichever of a list and what was taken of it comes first', () => {
  const lists = [search('r1', 'lamp', ['a', 'b', 'c']), search('r2', 'vase', ['d', 'e'])];
  const clicks = [
    action('b', 5, { requestId: 'r1' }),
    action('c', 6, { requestId: 'r1' }),
    action('d', 7, { requestId: 'r2' }),
    action('e', 8, { requestId: 'r1' }),
    action('a', 9, { requestId: 'never' }),
  ].map((event) => ({ ...event, userId: event.id }));
  const byQuery = (events: readonly EnrichedEvent[]) => {
    const memory = counted(events);
    return ['lamp', 'vase'].map((query) => [...(memory.clicksOf(query) ?? [])]);
  };
  const inOrder = byQuery([...lists, ...clicks]);
  expect(inOrder.flat().map(([id, { taken }]) => `${id}${taken}`)).toEqual(['a0', 'b1', 'c1', 'd1', 'e0']);
  fc.assert(
    fc.property(fc.shuffledSubarray([...lists, ...clicks], { minLength: 7 }), (events) => {
      expect(byQuery(events)).toEqual(inOrder);
    }),
  );
});

it('lends what searchers took to queries alike, and keeps sums in step with what it holds', () => {
  const memory = counted([search('r', 'garden hose', ['a', 'b']), action('b', 1, { requestId: 'r' })]);
  expect([...memory.recall('long garden hose').keys()]).toEqual(['b']);
  const item = fc.constantFrom('a', 'b', 'c');
  const count = fc.record({ looked: fc.double({ min: 0, max: 400, noNaN: true }), taken: fc.integer({ min: 0, max: 2 }) });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('x', 'y z'), item, count), { maxLength: 40 }), (counts) => {
      const told = new QueryMemory();
      for (const [query, id, clicks] of counts) told.count(query, id, clicks);
      const again = new QueryMemory(JSON.parse(JSON.stringify(told.state())));
      expect(again.rate).toBeCloseTo(told.rate, 9);
      const looked = (memory: QueryMemory) => ['x', 'y z'].map((query) => memory.clicksOf(query)?.get('a')?.looked ?? 0);
      expect(again.clicksOn('a').looked).toBeCloseTo(looked(told)[0]! + looked(told)[1]!, 6);
      for (const query of ['x', 'y z'])
        expect([...(told.clicksOf(query) ?? [])].reduce((sum, [, own]) => sum + own.looked, 0)).toBeLessThanOrEqual(1000);
    }),
  );
});
