import { describe, expect, it } from 'vitest';
import { interactionsBuilder } from '../../retrieval/interactions.ts';
import { baselines, recommend } from './index.ts';

/** People walk round a ring of items: after `i` comes `i + 1`. */
function ring(size: number, people: number) {
  const builder = interactionsBuilder({ click: 1 });
  for (let person = 0; person < people; person++) {
    for (let step = 0; step < 6; step++) {
      builder.add({ actor: `user:${person}`, item: (person + step) % size, time: person * 10 + step, type: 'click' });
    }
  }
  return builder.finish(size);
}

describe('baselines', () => {
  it('find what comes next where order tells', () => {
    const interactions = ring(30, 90);
    for (const make of baselines) {
      const baseline = make(interactions);
      const list = recommend(baseline, [10, 11, 12], 10, new Set([10, 11, 12]));
      expect(list, baseline.name).toHaveLength(10);
      expect(list.some((item) => [10, 11, 12].includes(item))).toBe(false);
      if (baseline.name === 'Markov' || baseline.name === 'co-visitation') expect(list[0], baseline.name).toBe(13);
      if (baseline.name === 'item-kNN' || baseline.name === 'EASE') expect([9, 13], baseline.name).toContain(list[0]);
    }
  });

  it('answer a stranger and an empty log', () => {
    const empty = interactionsBuilder({}).finish(5);
    for (const make of baselines) expect(recommend(make(empty), [], 3, new Set())).toHaveLength(3);
  });
});
