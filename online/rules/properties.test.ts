import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RankedCandidate } from '../../src/domain/pipeline.ts';
import { environment, scope } from '../../src/filters/testing.ts';
import { applyRules } from './applyRules.ts';
import { parseRules } from './parseRules.ts';
import { candidate, idsOf } from './testing.ts';

const BRANDS = ['Acme', 'Bolt', 'Cord'];
const SOURCES = ['behaviour', 'trending', 'new'];

const candidatesArbitrary: fc.Arbitrary<RankedCandidate[]> = fc
  .array(
    fc.record({
      relevance: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(Number.NaN, -3, 0, 1e308)),
      fields: fc.record(
        {
          brand: fc.constantFrom(...BRANDS),
          genres: fc.subarray(['x', 'y', 'z']),
          year: fc.integer({ min: 1990, max: 2000 }),
          until: fc.integer({ min: scope.now - 1e10, max: scope.now + 1e9 }),
        },
        { requiredKeys: [] },
      ),
      source: fc.constantFrom(...SOURCES),
    }),
    { maxLength: 30 },
  )
  .map((list) => list.map(({ relevance, fields, source }, i) => candidate(`i${i}`, relevance, fields, source)));

const where = fc.constantFrom(
  undefined,
  'item.brand == "Acme"',
  'item.year > 1995',
  '"x" in item.genres',
  'item.id == "i3"',
  'item.id in ["i1", "i5", "i99"]',
  'item.price > 1',
);
const action = fc.oneof(
  fc.record({ multiply: fc.constantFrom(0, 0.5, 2, 1e300) }),
  fc.record({ add: fc.constantFrom(-1, 0.2, 1e308) }),
  fc.record({ pin: fc.integer({ min: 1, max: 12 }) }),
  fc.constantFrom({ bury: true }, { hide: true }, { boostFresh: 'until' }),
  fc.record({ capPer: fc.constantFrom('brand', 'genres', 'year'), max: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ diversify: fc.constantFrom('brand', 'genres', 'vectors'), strength: fc.constantFrom(0, 0.5, 1) }),
  fc.record({ quota: fc.constantFrom(...SOURCES), max: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ quota: fc.constantFrom(...SOURCES), min: fc.integer({ min: 1, max: 2 }) }),
);
const rulesArbitrary = fc.array(fc.tuple(where, action, fc.constantFrom(undefined, 1, -1)), { maxLength: 8 }).map((rules) =>
  rules.map(([condition, what, priority], i) => ({
    id: `r${i}`,
    ...what,
    ...(condition === undefined ? {} : { where: condition }),
    ...(priority === undefined ? {} : { priority }),
  })),
);

const inputs = [rulesArbitrary, candidatesArbitrary, fc.integer({ min: 1, max: 10 }), fc.constantFrom(0, 0, 4, 10)] as const;
const vectorOf = ({ id }: { id: string }): Float32Array => Float32Array.from([id.length, id.charCodeAt(1) % 7, 1]);

const run = (rules: readonly object[], list: readonly RankedCandidate[], limit: number, offset: number) =>
  applyRules(parseRules(rules, environment), list, { bindings: scope, limit, offset, vectorOf });

describe('any rules on any list', () => {
  it('account for every item exactly once, with finite scores, the same every time', () => {
    fc.assert(
      fc.property(...inputs, (rules, list, limit, offset) => {
        const { kept, removed } = run(rules, list, limit, offset);
        const ids = [...idsOf(kept), ...idsOf(removed)];
        expect(new Set(ids).size).toBe(ids.length);
        expect([...ids].sort()).toEqual(idsOf(list).sort());
        for (const { score, effects } of kept) {
          expect(Number.isFinite(score)).toBe(true);
          for (const { rule, before, after } of effects) {
            expect(rules.map(({ id }) => id)).toContain(rule);
            expect(Number.isFinite(before) && Number.isFinite(after)).toBe(true);
          }
        }
        for (const { stage, reason } of removed) {
          expect(stage).toBe('rules');
          expect(rules.map(({ id }) => id)).toContain(reason);
        }
        expect(run(rules, list, limit, offset)).toEqual({ kept, removed });
      }),
      { numRuns: 500 },
    );
  });

  it('never put more of a capped value, or of a source over its quota, on a page than pins alone bring', () => {
    const capped = fc.record({
      id: fc.constant('cap'),
      capPer: fc.constantFrom('brand', 'genres'),
      max: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(capped, ...inputs, (cap, rules, list, limit, offset) => {
        const { kept } = run([cap, ...rules], list, limit, offset);
        for (let start = 0; start < kept.length; start += limit) {
          const page = kept.slice(start, start + limit);
          for (const value of [...BRANDS, 'x', 'y', 'z']) {
            const has = ({ item }: RankedCandidate): boolean => {
              const field = item.fields[cap.capPer];
              return Array.isArray(field) ? field.includes(value) : field === value;
            };
            const unpinned = page.filter((it) => it.pinnedAt === undefined && has(it)).length;
            const pinned = page.filter((it) => it.pinnedAt !== undefined && has(it)).length;
            if (unpinned > 0) expect(unpinned + pinned).toBeLessThanOrEqual(cap.max);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keep pins in their slots, whatever else the rules do and whoever else is filtered out', () => {
    const pins = fc
      .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 9 })), {
        maxLength: 4,
        selector: ([slot]) => slot,
      })
      .map((all) => all.filter(([, i], place) => all.findIndex(([, other]) => other === i) === place));
    const others = rulesArbitrary.map((rules) => rules.filter((rule) => !('pin' in rule) && !('hide' in rule)));
    fc.assert(
      fc.property(pins, others, candidatesArbitrary, fc.func(fc.boolean()), (wanted, rules, list, filter) => {
        const pinRules = wanted.map(([slot, i]) => ({ id: `pin${i}`, where: `item.id == "i${i}"`, pin: slot }));
        const eligible = list.filter(({ id }) => wanted.some(([, i]) => id === `i${i}`) || filter(id));
        const { kept } = run([...pinRules, ...rules], eligible, 10, 0);
        for (const [slot, i] of wanted) {
          const there = eligible.some(({ id }) => id === `i${i}`);
          const at = kept.findIndex(({ id }) => id === `i${i}`);
          expect(at >= 0).toBe(there);
          if (there && kept.length >= 10) expect(at).toBe(slot - 1);
          if (there) expect(kept[at]?.pinnedAt).toBe(slot);
        }
      }),
      { numRuns: 500 },
    );
  });
});
