import { expect, it } from 'vitest';
import { silentProgress } from '../../src/cli/progress.ts';
import type { Impression } from '../../src/domain/event.ts';
import { emptyStatistics } from '../../src/features/statistics.ts';
import { trialsOf } from './impressionLists.ts';
import { inTimeOrder, joinActions } from './join.ts';
import { bestOf, type Held, judge } from './judge.ts';
import { replay } from './replay.ts';
import { click, shown, smallWorld } from './testing.ts';

const held = (wanted: number, proposed: boolean): Held => ({
  key: 'k',
  at: 0,
  matrix: Float32Array.of(1, 2, 3),
  gains: Float32Array.from([0, 1, 2], (row) => Number(row === wanted)),
  trials: [],
  ...(proposed ? { result: () => ({ actor: 'a', target: 't', place: 0, top: [] }) } : {}),
});
const up = (matrix: Float32Array): Float32Array => matrix;
const down = (matrix: Float32Array): Float32Array => matrix.map((value) => -value);

it('chooses by the lists of its kind alone, the first of equals', () => {
  const lists = [held(2, false), held(2, false), held(0, true)];
  expect(bestOf(lists, 'shown', [down, up])).toBe(1);
  expect(bestOf(lists, 'proposed', [up, down])).toBe(1);
  expect(bestOf(lists, 'proposed', [down, down])).toBe(0);
  expect(bestOf([], 'proposed', [up, down])).toBe(0);
});

it('tells what each order would have earned a place, from those places that chance had filled as it would', () => {
  const { catalogue, config } = smallWorld(0);
  const byChance = (list: Impression, propensities: readonly number[]): Impression => ({
    ...list,
    items: list.items.map((item, i) => ({ ...item, ...(i < propensities.length && { propensity: propensities[i]! }) })),
  });
  const ordered = inTimeOrder([
    byChance(shown('r1', 0, ['i1', 'i2', 'i3']), [1 / 2, 1 / 4]),
    // What has been deleted since leaves its place to those behind it.
    byChance(shown('r2', 10, ['gone', 'i4', 'i5']), [1 / 2, 1 / 5, 1 / 10]),
    click('a', 20, 'i1', 'r1'),
    click('b', 20, 'i5', 'r2'),
  ]);
  const weights = { click: 1 };
  const joined = joinActions(ordered, { window: 100, weights });
  const input = { catalogue, loop: config.loop, weights, ordered, joined, statistics: emptyStatistics([]) };
  // The rows' one number that differs falls from the top, so that stage one's order is the one shown.
  const columns = ['retriever.inverseRank', 'covisitation.inverseRank', 'popularity.recent'];
  const lists = Array.from(replay(input), (moment): Held[] => {
    if (moment.kind !== 'shown') return [];
    const matrix = Float32Array.from({ length: 3 * moment.gains.length }, (_, i) => (i % 3 === 0 ? 1 / (1 + i) : 0));
    return [{ key: moment.event.id, at: moment.event.occurredAt, matrix, gains: moment.gains, trials: trialsOf(moment) }];
  }).flat();
  const backwards = (matrix: Float32Array): Float32Array => Float32Array.from({ length: matrix.length / 3 }, (_, row) => row);
  const { validation } = judge(lists, columns, {
    challenger: backwards,
    champion: backwards,
    heads: 1,
    progress: silentProgress,
  });
  // As shown, every place is one of the four trials: (2·1 + 4·0 + 5·0 + 10·1) / (2 + 4 + 5 + 10).
  expect(validation.counterfactual?.before).toMatchObject({ mean: 12 / 21, matches: 4 });
  // Backwards, i2 alone keeps its place, and nobody took it.
  expect(validation.counterfactual?.ranked).toMatchObject({ mean: 0, matches: 1 });
  expect(validation.counterfactual?.champion).toEqual(validation.counterfactual?.ranked);
});
