import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import type { Item } from '../../src/domain/item.ts';
import { createPlanner } from '../../src/filters/planner.ts';
import { environment, scope } from '../../src/filters/testing.ts';
import { applyRules } from '../rules/applyRules.ts';
import { parseRules } from '../rules/parseRules.ts';
import { createLookUp } from './lookUp.ts';

const WHERES = [
  'item.brand == "Acme"',
  '!has(item.year) || item.year > 1995',
  '"x" in item.genres',
  'item.title.contains("b")',
  'item.year * 2 > 3990',
  'user.age < 10 && item.brand == "Bolt"',
  'item.until < now',
];

const fields = fc.record(
  {
    title: fc.constantFrom('ab', 'c', ''),
    brand: fc.constantFrom('Acme', 'Bolt'),
    genres: fc.subarray(['x', 'y']),
    year: fc.integer({ min: 1990, max: 2000 }),
  },
  { requiredKeys: [] },
);
const change = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.option(fields, { nil: undefined }));

it('rules come to the same whether conditions are looked up or evaluated, while the catalogue changes', () => {
  const rules = fc.array(
    fc.tuple(fc.constantFrom(...WHERES), fc.constantFrom({ multiply: 3 }, { bury: true }, { hide: true }, { pin: 2 })),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(rules, fc.array(fields, { maxLength: 10 }), fc.array(change, { maxLength: 6 }), (drawn, items, changes) => {
      const set = parseRules(
        drawn.map(([where, action], i) => ({ id: `r${i}`, where, ...action })),
        environment,
      );
      const catalogue = createCatalogue(
        environment.fields,
        items.map((some, i): Item => ({ id: `i${i}`, fields: some })),
      );
      const lookUp = createLookUp()(createPlanner(catalogue));
      for (const [i, replaced] of [undefined, ...changes].map((one) => one ?? ([-1, undefined] as const))) {
        if (replaced !== undefined) catalogue.put({ id: `i${i}`, fields: replaced });
        else catalogue.remove(`i${i}`);
        const ranked = [...catalogue.items()].map((item) => ({
          id: item.id,
          ordinal: catalogue.ordinal(item.id) ?? -1,
          hits: [],
          item,
          relevance: 0.5,
        }));
        const context = { bindings: scope, limit: 4 };
        expect(applyRules(set, ranked, { ...context, lookUp })).toEqual(applyRules(set, ranked, context));
      }
    }),
  );
});
