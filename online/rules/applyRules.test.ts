import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/domain/errors.ts';
import { environment, scope } from '../../src/filters/testing.ts';
import { pinnedIds } from './active.ts';
import { parseRules } from './parseRules.ts';
import { apply, candidate, idsOf } from './testing.ts';

const DAY = 86_400_000;
const abc = [
  candidate('a', 0.9, { brand: 'Acme', year: 2000 }),
  candidate('b', 0.5, { brand: 'Bolt', year: 2010 }),
  candidate('c', 0.4, { brand: 'Acme', year: 2020 }),
];

describe('rules that move scores', () => {
  it('without rules the list stays as it is', () => {
    const { kept, removed } = apply([], abc);
    expect(kept).toEqual(abc.map((it) => ({ ...it, score: it.relevance, effects: [] })));
    expect(removed).toEqual([]);
  });

  it('multiply and add in order of priority, each effect recorded', () => {
    const rules = [
      { id: 'plus', where: 'item.brand == "Acme"', add: 0.1 },
      { id: 'half', where: 'item.brand == "Acme"', multiply: 0.5, priority: 1 },
    ];
    const { kept } = apply(rules, abc);
    expect(idsOf(kept)).toEqual(['a', 'b', 'c']);
    expect(kept[0]?.score).toBeCloseTo(0.55);
    expect(kept[0]?.effects).toEqual([
      { rule: 'half', effect: 'multiply 0.5', before: 0.9, after: 0.45 },
      { rule: 'plus', effect: 'add 0.1', before: 0.45, after: 0.55 },
    ]);
    expect(kept[1]).toMatchObject({ score: 0.5, relevance: 0.5, effects: [] });
  });

  it('a factor below one demotes a negative score too', () => {
    const { kept } = apply([{ id: 'half', where: 'item.id == "a"', multiply: 0.5 }], [candidate('a', -1), candidate('b', -1.5)]);
    expect(idsOf(kept)).toEqual(['b', 'a']);
  });

  it('boostFresh gives a new item its weight and half of it after each half-life', () => {
    const items = [
      candidate('old', 0.5, { until: scope.now - 60 * DAY }),
      candidate('none', 0.4),
      candidate('new', 0.1, { until: scope.now }),
    ];
    const { kept } = apply([{ id: 'fresh', boostFresh: 'until', weight: 1, halfLifeDays: 30 }], items);
    expect(kept.map(({ id, score }) => [id, Number(score.toFixed(3))])).toEqual([
      ['new', 1.1],
      ['old', 0.75],
      ['none', 0.4],
    ]);
  });

  it('a rule that cannot be evaluated for an item does nothing to it', () => {
    expect(idsOf(apply([{ id: 'x', where: 'item.price > 1', hide: true }], abc).kept)).toEqual(['a', 'b', 'c']);
  });
});

describe('when a rule is in force', () => {
  const hideA = { id: 'x', where: 'item.id == "a"', hide: true };
  const isIn = (rule: object, more = {}): boolean => apply([{ ...hideA, ...rule }], abc, more).removed.length === 1;

  it('depends on scenario, audience and time', () => {
    expect(isIn({ scenarios: ['home'] })).toBe(true);
    expect(isIn({ scenarios: ['cart', 'home'] })).toBe(true);
    expect(isIn({ scenarios: ['cart'] })).toBe(false);
    expect(isIn({ audience: 'user.age >= 18 && request.context.region == "DE"' })).toBe(true);
    expect(isIn({ audience: 'user.age < 18' })).toBe(false);
    expect(isIn({ audience: 'user.score > 1' })).toBe(false);
    expect(isIn({ from: '2026-11-23T12:00:00Z' })).toBe(true);
    expect(isIn({ until: '2026-11-23T12:00:00Z' })).toBe(false);
    expect(isIn({ from: '2026-01-01', until: '2027-01-01T00:00:00+01:00' })).toBe(true);
    expect(isIn({ from: scope.now + 1 })).toBe(false);
  });
});

describe('rules about places', () => {
  it('hide removes with the reason, and beats a pin', () => {
    const { kept, removed } = apply(
      [
        { id: 'p', where: 'item.id == "a"', pin: 1 },
        { id: 'h', where: 'item.brand == "Acme"', hide: true },
      ],
      abc,
    );
    expect(idsOf(kept)).toEqual(['b']);
    expect(removed.map(({ id, stage, reason }) => [id, stage, reason])).toEqual([
      ['a', 'rules', 'h'],
      ['c', 'rules', 'h'],
    ]);
  });

  it('bury puts to the end, in order', () => {
    const { kept } = apply([{ id: 'x', where: 'item.year <= 2010', bury: true }], abc);
    expect(idsOf(kept)).toEqual(['c', 'a', 'b']);
    expect(kept[1]?.effects).toEqual([{ rule: 'x', effect: 'bury', before: 1, after: 2 }]);
  });

  it('pin gives the slot; the second pin of a slot takes the next; an item is pinned once', () => {
    const rules = [
      { id: 'p1', where: 'item.id == "c"', pin: 1 },
      { id: 'p2', where: 'item.id == "b"', pin: 1 },
      { id: 'p3', where: 'item.id == "c"', pin: 3 },
    ];
    const { kept } = apply(rules, abc);
    expect(idsOf(kept)).toEqual(['c', 'b', 'a']);
    expect(kept.map((it) => it.pinnedAt)).toEqual([1, 2, undefined]);
    expect(kept[0]?.effects).toEqual([{ rule: 'p1', effect: 'pin 1', before: 3, after: 1 }]);
  });

  it('pin by a condition takes the best that fits; a pin of nothing leaves its slot', () => {
    const rules = [
      { id: 'gone', where: 'item.id == "nobody"', pin: 1 },
      { id: 'best', where: 'item.brand == "Bolt"', pin: 1 },
    ];
    expect(idsOf(apply(rules, abc).kept)).toEqual(['b', 'a', 'c']);
  });

  it('a slot beyond the end of the list is its end; slots of earlier pages are spent', () => {
    expect(idsOf(apply([{ id: 'p', where: 'item.id == "a"', pin: 50 }], abc).kept)).toEqual(['b', 'c', 'a']);
    const later = apply([{ id: 'p', where: 'item.id == "c"', pin: 12 }], abc, { offset: 10 });
    expect(idsOf(later.kept)).toEqual(['a', 'c', 'b']);
    expect(idsOf(apply([{ id: 'p', where: 'item.id == "c"', pin: 2 }], abc, { offset: 10 }).kept)).toEqual(['a', 'b', 'c']);
  });

  it('a cap holds on each page, counts pins, and defers to the next page what does not fit', () => {
    const items = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2'].map((id, i) => candidate(id, 1 - i / 10, { brand: id[0] ?? '' }));
    const { kept, removed } = apply([{ id: 'cap', capPer: 'brand', max: 2 }], items, { limit: 3 });
    expect(idsOf(kept)).toEqual(['a1', 'a2', 'b1', 'a3', 'a4', 'b2']);
    expect(removed).toEqual([]);
    const pinned = apply(
      [
        { id: 'cap', capPer: 'brand', max: 1 },
        { id: 'p', where: 'item.id == "a4"', pin: 2 },
      ],
      items,
      { limit: 2 },
    );
    expect(idsOf(pinned.kept).slice(0, 2)).toEqual(['b1', 'a4']);
  });

  it('a cap that leaves a page short ends the list, and says what it kept out', () => {
    const items = ['a1', 'a2', 'a3', 'b1'].map((id, i) => candidate(id, 1 - i / 10, { brand: id[0] ?? '' }));
    const { kept, removed } = apply([{ id: 'cap', capPer: 'brand', max: 1 }], items, { limit: 3 });
    expect(idsOf(kept)).toEqual(['a1', 'b1']);
    expect(removed.map(({ id, reason }) => [id, reason])).toEqual([
      ['a2', 'cap'],
      ['a3', 'cap'],
    ]);
  });

  it('a quota keeps a source within its share, and gives it one', () => {
    const items = [
      ...['t1', 't2', 't3'].map((id, i) => candidate(id, 1 - i / 10, {}, 'trending')),
      ...['x1', 'x2', 'n1'].map((id, i) => candidate(id, 0.5 - i / 10, {}, id === 'n1' ? 'new' : 'behaviour')),
    ];
    expect(idsOf(apply([{ id: 'q', quota: 'trending', max: 1 }], items, { limit: 3 }).kept).slice(0, 3)).toEqual([
      't1',
      'x1',
      'x2',
    ]);
    expect(idsOf(apply([{ id: 'q', quota: 'new', min: 1 }], items, { limit: 3 }).kept).slice(0, 3)).toEqual(['t1', 't2', 'n1']);
  });

  it('new items keep their places on every page, as far as rules allow', () => {
    const known = Array.from({ length: 8 }, (_, i) => candidate(`k${i}`, 1 - i / 100));
    const fresh = Array.from({ length: 4 }, (_, i) => candidate(`n${i}`, 0.1 - i / 100, {}, 'new'));
    const list = (rules: object[]) => idsOf(apply(rules, [...known, ...fresh], { limit: 4, newItems: 1 }).kept);
    expect(list([]).slice(0, 8)).toEqual(['k0', 'k1', 'k2', 'n0', 'k3', 'k4', 'k5', 'n1']);
    expect(list([{ id: 'none', quota: 'new', max: 0 }]).slice(0, 8)).not.toContain('n0');
  });

  it('diversify lets the values of a field, or the vectors, take turns', () => {
    const items = ['a1', 'a2', 'a3', 'b1', 'b2'].map((id, i) => candidate(id, 1 - i / 100, { brand: id[0] ?? '' }));
    const { kept } = apply([{ id: 'd', diversify: 'brand', strength: 0.7 }], items);
    expect(idsOf(kept).slice(0, 2)).toEqual(['a1', 'b1']);
    expect(kept[1]?.effects).toEqual([{ rule: 'd', effect: 'diversify brand', before: 4, after: 2 }]);
    const vectorOf = ({ id }: { id: string }): Float32Array => Float32Array.from(id.startsWith('a') ? [3, 0] : [0, 2]);
    expect(idsOf(apply([{ id: 'd', diversify: 'vectors', strength: 0.7 }], items, { vectorOf }).kept).slice(0, 2)).toEqual([
      'a1',
      'b1',
    ]);
    expect(idsOf(apply([{ id: 'd', diversify: 'vectors', strength: 0 }], items, { vectorOf }).kept)).toEqual(idsOf(items));
  });
});

describe('pins by id', () => {
  it('name the items to fetch, for the rules in force', () => {
    const rules = parseRules(
      [
        { id: 'p1', where: 'item.id == "x" && item.year > 3', pin: 1 },
        { id: 'p2', where: '"y" == item.id || item.id in ["z", user.region]', pin: 2 },
        { id: 'p3', where: 'item.id == "no"', pin: 3, scenarios: ['other'] },
        { id: 'h', where: 'item.id == "h"', hide: true },
      ],
      environment,
    );
    expect(pinnedIds(rules, { bindings: scope })).toEqual(['x', 'y', 'z', 'DE']);
  });
});

describe('a set of rules', () => {
  it('is refused whole, every error named', () => {
    const bad = [
      { id: 'two', multiply: 2, add: 1 },
      { id: 'none' },
      { id: 'field', capPer: 'colour', max: 2 },
      { id: 'nomax', capPer: 'brand' },
      { id: 'date', boostFresh: 'year' },
      { id: 'where', where: 'item.year >', hide: true },
      { id: 'who', audience: 'item.year > 3', hide: true },
      { id: 'when', from: '2027-01-01', until: '2026-01-01', hide: true },
      { id: 'extra', hide: true, max: 3 },
      { id: 'slot', pin: 0 },
      { id: 'text', multiply: 'x' },
      { id: 'two', hide: true },
      { id: 'quota', quota: 'new' },
    ];
    let error: unknown;
    try {
      parseRules(bad, environment);
    } catch (caught) {
      error = caught;
    }
    if (!(error instanceof UserError)) throw new Error('accepted');
    const paths = new Set(error.issues.map((issue) => issue.path.match(/^rules\[\d+\]/)?.[0]));
    expect([...paths].sort()).toEqual(bad.map((_, i) => `rules[${i}]`).sort());
  });
});
