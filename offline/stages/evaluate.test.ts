import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import { silentProgress } from '../../src/cli/progress.ts';
import { testFields, walkers } from '../../src/retrieval/testing.ts';
import { momentsOf } from '../ranking/interactionLists.ts';
import { evaluate } from './evaluate.ts';

describe('an evaluation', () => {
  const { items, interactions } = walkers({ users: 40, items: 60, length: 6 });
  const catalogue = createCatalogue(testFields, items);
  const split = { kind: 'last' } as const;
  const moments = [...momentsOf(interactions, catalogue, split)];
  const idOf = (ordinal: number): string => catalogue.at(ordinal)?.id ?? '';
  const report = (lists: ReadonlyMap<string, readonly string[]>, notes: string[] = []) =>
    evaluate({
      catalogue,
      interactions,
      split,
      results: moments.map(({ actor, target }) => ({ actor, target: idOf(target), place: 0, top: [idOf(target)] })),
      others: [{ name: 'peer', lists }],
      seed: 1,
      progress: { ...silentProgress, note: (text) => notes.push(text) },
    });

  it('leaves what was seen, and repeats, out of another system’s lists, and counts who is missing', async () => {
    const padded = moments.map(({ actor, seen, target }): [string, string[]] => {
      const own = [...seen].map(idOf);
      return [actor, [...own, ...own, idOf(target)]];
    });
    const full = await report(new Map(padded));
    expect(full.systems.find(({ name }) => name === 'peer')?.metrics['NDCG@10'].mean).toBe(1);
    const notes: string[] = [];
    const half = await report(new Map(padded.slice(0, 10)), notes);
    expect(half.systems.find(({ name }) => name === 'peer')?.metrics['HR@10'].mean).toBeCloseTo(10 / moments.length, 10);
    expect(notes).toContain(`peer: lists of 10 of the ${moments.length} people; the others count as missed`);
  });

  it('says of every system how popular what it shows is', async () => {
    const { systems } = await report(new Map());
    const biasOf = (name: string) => systems.find((system) => system.name === name)?.popularityBias ?? Number.NaN;
    expect(biasOf('winnow')).toBeGreaterThan(0.5);
    expect(biasOf('popularity')).toBeGreaterThan(biasOf('winnow'));
    expect(biasOf('Markov')).toBeGreaterThan(0);
  });
});
