import fc from 'fast-check';
import { expect, it } from 'vitest';
import { interactionsBuilder } from '../../src/retrieval/interactions.ts';
import { divide } from './division.ts';
import { smallWorld } from './testing.ts';

const { catalogue } = smallWorld(0);
const actions = fc.array(fc.tuple(fc.nat(8), fc.nat(59), fc.integer({ min: 1, max: 500 })), { minLength: 1, maxLength: 120 });

function logOf(entries: readonly (readonly [number, number, number])[]) {
  const builder = interactionsBuilder({ click: 1 });
  for (const [person, item, time] of entries) builder.add({ actor: `user:${person}`, item, time, type: 'click' });
  return builder.finish(60);
}

it('by time, stage one knows nothing of what is fitted on, nor that of what validates', () => {
  fc.assert(
    fc.property(actions, (entries) => {
      const { known, toFit, toValidate, split } = divide(logOf(entries), catalogue, 'time');
      if (split.kind !== 'time') throw new Error('not divided by time');
      const { at, learnedUntil = 0 } = split;
      expect([...known.times].every((time) => time < learnedUntil)).toBe(true);
      for (const [moments, from, until] of [
        [toFit(), learnedUntil, at],
        [toValidate(), at, Number.POSITIVE_INFINITY],
      ] as const) {
        const actors = new Set<string>();
        for (const moment of moments) {
          expect(moment.at >= from && moment.at < until).toBe(true);
          expect(moment.history.every((entry) => entry.at < from)).toBe(true);
          expect(moment.seen.has(moment.target)).toBe(false);
          expect(actors.has(moment.actor)).toBe(false);
          actors.add(moment.actor);
        }
      }
    }),
  );
});

it('by time, people who came late are asked about too, with nothing known of them', () => {
  const early = Array.from({ length: 90 }, (_, i) => [i % 5, i % 60, i + 1] as const);
  const late = [7, 3, 200] as const;
  const moments = [...divide(logOf([...early, late]), catalogue, 'time').toValidate()];
  expect(moments.find(({ actor }) => actor === 'user:7')).toMatchObject({ history: [], target: 3 });
  const byPerson = [...divide(logOf([...early, late]), catalogue, 'last').toValidate()];
  expect(byPerson.map(({ actor }) => actor)).not.toContain('user:7');
});
