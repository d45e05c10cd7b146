import fc from 'fast-check';
import { expect, it } from 'vitest';
import { QueryMemory } from './queryMemory.ts';

const answers = (...items: string[]): ReadonlyMap<string, number> => new Map(items.map((item) => [item, 1]));

it('lends what it knows of queries alike, the more the more alike, and of others nothing', () => {
  const memory = new QueryMemory();
  memory.learn('running shoes for men', answers('a'));
  memory.learn('garden hose', answers('b'));
  memory.learn('winter shoes', answers('c'));
  const recalled = memory.recall('men’s running shoe');
  expect(recalled.get('a')).toBeGreaterThan(recalled.get('c') ?? 0);
  expect(recalled.has('b')).toBe(false);
  expect(memory.recall('piano').size).toBe(0);
  expect(memory.recall('!?').size).toBe(0);
});

it('leaves the very same query out, however it is written, and knows others the way they were told last', () => {
  const memory = new QueryMemory();
  memory.learn('Garden  Hose', answers('a'));
  memory.learn('garden hose', answers('b'));
  expect(memory.recall('GARDEN hose!').size).toBe(0);
  expect([...memory.recall('long garden hose').keys()]).toEqual(['b']);
});

it('comes back from its state, for any text', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string())), fc.string(), (told, asked) => {
      const memory = new QueryMemory();
      for (const [query, item] of told) memory.learn(query, answers(item));
      const again = new QueryMemory(JSON.parse(JSON.stringify(memory.state())));
      const sorted = (recalled: Map<string, number>) => [...recalled].sort(([a], [b]) => (a < b ? -1 : 1));
      const [first, second] = [sorted(memory.recall(asked)), sorted(again.recall(asked))];
      expect(second.map(([item]) => item)).toEqual(first.map(([item]) => item));
      second.forEach(([, value], i) => {
        expect(value).toBeCloseTo(first[i]?.[1] ?? Number.NaN, 9);
      });
    }),
  );
});
