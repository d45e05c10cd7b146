import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../domain/random.ts';
import { encodeCatalogue } from './contentEncoder.ts';
import { createRetrievalModels } from './createModels.ts';
import { fitCounts } from './fitCounts.ts';
import { holdOutLast } from './heldOut.ts';
import { type Interactions, interactionsBuilder, toSequences } from './interactions.ts';
import { historyQuotas } from './quotas.ts';
import { followDefaults, togetherDefaults } from './tuneCoVisitation.ts';
import { tuneQuotas } from './tuneQuotas.ts';

test('what is held out is each chosen actor’s last new item, and the rest does not have it', () => {
  const rows = fc.array(
    fc.record({
      actor: fc.integer({ min: 0, max: 9 }),
      item: fc.integer({ min: 0, max: 6 }),
      type: fc.constantFrom('click', 'hide'),
    }),
    { minLength: 100, maxLength: 200 },
  );
  fc.assert(
    fc.property(rows, (list) => {
      const builder = interactionsBuilder({ click: 1, hide: -1 });
      for (const [time, { actor, item, type }] of list.entries()) builder.add({ actor: `user:${actor}`, item, time, type });
      const whole = builder.finish(7);
      const { rest, cases } = holdOutLast(whole);
      const [before, after] = [toSequences(whole), toSequences(rest)];
      let held = 0;
      for (let a = 0; a < whole.actors.length; a++) {
        const full = before.items.slice(before.offsets[a], before.offsets[a + 1]);
        const kept = after.items.slice(after.offsets[a], after.offsets[a + 1]);
        if (kept.length === full.length) continue;
        const found = cases[held++]!;
        expect([...found.history, found.target]).toEqual([...full]);
        expect([...kept]).toEqual([...found.history]);
        expect(found.history).not.toContain(found.target);
      }
      expect(held).toBe(cases.length);
    }),
  );
});

function modelsOf(interactions: Interactions) {
  const { itemCount } = interactions;
  const items = Array.from({ length: itemCount }, (_, i) => ({ id: `i${i}`, fields: {} }));
  const catalogue = { fields: {}, itemCount, eventWeights: { click: 1 }, ...encodeCatalogue({}, items) };
  const tables = { follow: followDefaults, together: togetherDefaults };
  return createRetrievalModels(fitCounts(catalogue, interactions, tables, undefined, historyQuotas));
}

test('where people take what everybody takes, popularity gets most of the pool', () => {
  const random = seededRandom(1);
  const builder = interactionsBuilder({ click: 1 });
  const items = 1000;
  for (let u = 0; u < 800; u++) {
    const taken = new Set<number>();
    while (taken.size < 5) taken.add(Math.floor(items * random() ** 3));
    for (const [time, item] of [...taken].entries()) builder.add({ actor: `user:${u}`, item, time, type: 'click' });
  }
  const { rest, cases } = holdOutLast(builder.finish(items));
  const { quotas, recall, usual } = tuneQuotas(modelsOf(rest), cases);
  expect(quotas['popular']).toBeGreaterThan(0.4);
  expect(recall).toBeGreaterThan(usual);
});

test('with too little to choose by, the usual shares stay', () => {
  const builder = interactionsBuilder({ click: 1 });
  for (let i = 0; i < 9; i++) builder.add({ actor: 'user:a', item: i, time: i, type: 'click' });
  const { rest, cases } = holdOutLast(builder.finish(9));
  expect(tuneQuotas(modelsOf(rest), cases).quotas).toBe(historyQuotas);
});
