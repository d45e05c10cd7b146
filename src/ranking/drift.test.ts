import { describe, expect, it } from 'vitest';
import { seededRandom } from '../domain/random.ts';
import { DriftMonitor, ReferenceRows, stabilityIndex } from './drift.ts';

const random = seededRandom(3);
const ROWS = 200;

/** A list of three columns: bell-shaped of deviation 1, mostly zero, constant. */
function list(shift: number, share: number, constant: number): Float32Array {
  const matrix = new Float32Array(ROWS * 3);
  for (let row = 0; row < ROWS; row++) {
    matrix[row * 3] = 2 * (random() + random() + random() - 1.5) + shift;
    matrix[row * 3 + 1] = random() < share ? 1 + random() : 0;
    matrix[row * 3 + 2] = constant;
  }
  return matrix;
}

function indices(live: () => Float32Array, lists = 500): ReadonlyMap<string, number> {
  const rows = new ReferenceRows(3);
  for (let i = 0; i < 500; i++) rows.add(list(0, 0.05, 7));
  const monitor = new DriftMonitor(['normal', 'sparse', 'constant'], rows.finish()!);
  for (let i = 0; i < lists; i++) monitor.observe(live());
  return monitor.indices();
}

describe('drift', () => {
  it('is next to nothing where serving ranks what training saw', () => {
    for (const index of indices(() => list(0, 0.05, 7)).values()) expect(index).toBeLessThan(0.05);
  });

  it('shows the columns that moved, and only those', () => {
    const moved = indices(() => list(1, 0.05, 7));
    expect(moved.get('normal')).toBeGreaterThan(0.25);
    expect(moved.get('sparse')).toBeLessThan(0.05);
    const others = indices(() => list(0, 0.6, 6.9));
    expect(others.get('normal')).toBeLessThan(0.05);
    expect(others.get('sparse')).toBeGreaterThan(0.25);
    expect(others.get('constant')).toBeGreaterThan(0.25);
  });

  it('says nothing before it has seen enough, and forgets', () => {
    expect(indices(() => list(0, 0.05, 7), 20).size).toBe(0);
    let turn = 0;
    const after = indices(() => list(turn++ < 4000 ? 2 : 0, 0.05, 7), 24_000);
    expect(after.get('normal')).toBeLessThan(0.05);
  });

  it('is made of at most a bounded number of rows, spread over all lists', () => {
    const rows = new ReferenceRows(1);
    for (let i = 0; i < 30_000; i++) rows.add(new Float32Array(ROWS).fill(i < 15_000 ? 0 : 1));
    const { counts, rows: kept } = rows.finish()!;
    expect(kept).toBeLessThanOrEqual(20_000);
    expect(counts[0]!.filter((count) => count > 0).map((count) => count / kept)).toEqual([
      expect.closeTo(0.5, 1),
      expect.closeTo(0.5, 1),
    ]);
    expect(new ReferenceRows(1).finish()).toBeNull();
  });

  it('follows the formula', () => {
    // (.5 - .8) ln(.5 / .8) + (.5 - .2) ln(.5 / .2), but for the half observations.
    expect(stabilityIndex([8e6, 2e6], [5e6, 5e6])).toBeCloseTo(0.4159, 3);
    expect(stabilityIndex([3, 4, 0], [3, 4, 0])).toBe(0);
  });
});
