import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/domain/random.ts';
import { gate } from './gate.ts';

const noise = seededRandom(1);
const champion = Array.from({ length: 400 }, () => noise());
const base = { metric: 'ndcg@10', champion, championName: 'v1', force: false, seed: 7 };

describe('gate', () => {
  it('lets a better one through, and an equal one', () => {
    expect(gate({ ...base, challenger: champion.map((v) => v + 0.02) }).publish).toBe(true);
    expect(gate({ ...base, challenger: champion }).publish).toBe(true);
  });

  it('refuses a worse one with the figures, unless it is forced', () => {
    const challenger = champion.map((v) => v * 0.8);
    const refused = gate({ ...base, challenger });
    expect(refused).toMatchObject({ publish: false, forced: false, lists: 400 });
    expect(refused.reason).toMatch(
      /refused because it is worse beyond chance: ndcg@10 0\.\d{4} against 0\.\d{4} of v1 on 400 lists/,
    );
    expect(gate({ ...base, challenger, force: true })).toMatchObject({ publish: true, forced: true });
  });

  it('tells beside the figures what both would have earned where chance chose, which decides nothing', () => {
    const counterfactual = {
      challenger: { mean: 0.1, low: 0.05, high: 0.15, matches: 40 },
      champion: { mean: 0.3, low: 0.2, high: 0.4, matches: 60 },
    };
    const decision = gate({ ...base, challenger: champion, counterfactual });
    expect(decision.publish).toBe(true);
    expect(decision.reason).toMatch(/SNIPS 0\.1000 \(0\.0500 to 0\.1500, 40 places\) against 0\.3000/);
  });

  it('does not decide on a handful of lists', () => {
    expect(gate({ ...base, champion: [1, 1], challenger: [0, 0] })).toMatchObject({ publish: true });
  });

  it('decides the same way every time', () => {
    const challenger = champion.map((v) => v + (noise() - 0.5) * 0.2);
    expect(gate({ ...base, challenger })).toEqual(gate({ ...base, challenger }));
  });
});
