import { describe, expect, test } from 'vitest';
import type { TunedTraining } from '../../src/config/tuned.ts';
import { searchSettings } from './searchSettings.ts';

const start: TunedTraining = { dimensions: 64, historyLength: 32, epochs: 8, dropout: 0.25 };

/** Each trial takes as long as its passes; best are `epochs` passes with `dropout`. */
function world(epochs: number, dropout: number) {
  let clock = 0;
  return {
    now: () => clock,
    measure: async (training: TunedTraining) => {
      clock += 1000 * training.epochs;
      return 1 / (1 + Math.abs(Math.log2(training.epochs / epochs)) + Math.abs(training.dropout - dropout));
    },
  };
}

describe('searchSettings', () => {
  test('goes to the best settings, step by step', async () => {
    const { best, trials } = await searchSettings(start, { ...world(32, 0.55), until: Number.POSITIVE_INFINITY });
    expect(best.training).toEqual({ ...start, epochs: 32, dropout: 0.55 });
    expect(best.quality).toBe(Math.max(...trials.map(({ quality }) => quality)));
    expect(new Set(trials.map(({ training }) => JSON.stringify(training))).size).toBe(trials.length);
  });

  test('ends in time, and starts nothing that would not', async () => {
    const { now, measure } = world(64, 0.25);
    const { trials } = await searchSettings(start, { now, measure, until: 60_000 });
    expect(trials.length).toBeGreaterThan(3);
    expect(now()).toBeLessThanOrEqual(60_000);
  });

  test('measures the start, however little time there is', async () => {
    const { best, trials } = await searchSettings(start, { ...world(64, 0.25), until: 0 });
    expect(trials).toHaveLength(1);
    expect(best.training).toEqual(start);
  });

  test('keeps the start where nothing is better by more than chance explains', async () => {
    const { best } = await searchSettings(start, {
      now: () => 0,
      measure: async (training) => (training === start ? 1 : 1.005),
      until: 1,
    });
    expect(best.training).toEqual(start);
  });
});
