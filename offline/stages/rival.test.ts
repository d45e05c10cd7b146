import { describe, expect, it } from 'vitest';
import type { MomentResult } from '../../src/evaluation/report.ts';
import { chooseRival } from './rival.ts';

const lists = 40;
const result =
  (place: number) =>
  (_: unknown, i: number): MomentResult => ({ actor: `user:${i}`, target: 't', place, top: [] });
const figures = {
  ranked: Array.from({ length: lists }, () => 0.5),
  before: Array.from({ length: lists }, () => 0.2),
  champion: Array.from({ length: lists }, () => 0.9),
  times: Array.from({ length: lists }, (_, i) => i),
  results: Array.from({ length: lists }, result(0)),
};
const serving = { version: 'v1', learnedUntil: lists, results: Array.from({ length: lists }, result(1)) };

describe('chooseRival', () => {
  it('takes the order of retrieval where nothing serves', () => {
    expect(chooseRival(figures, undefined)).toMatchObject({ name: 'the order of retrieval', champion: figures.before });
  });

  it('compares with the serving ranker on lists that came after what it learned', () => {
    const rival = chooseRival(figures, { ...serving, learnedUntil: 7 });
    expect(rival.champion).toHaveLength(lists - 8);
    expect(rival.champion.every((value) => value === 0.9)).toBe(true);
  });

  it('never takes what the serving ranker says of lists it was fitted on', () => {
    const rival = chooseRival(figures, serving);
    expect(rival.name).toContain('before it had learned');
    expect(rival.challenger.every((value) => value === 1)).toBe(true);
    expect(rival.champion[0]).toBeCloseTo(1 / Math.log2(3));
  });

  it('takes the order of retrieval where there is nothing to pair', () => {
    expect(chooseRival(figures, { ...serving, results: [] }).champion).toEqual(figures.before);
  });
});
