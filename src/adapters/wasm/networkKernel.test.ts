import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../domain/random.ts';
import { averageOf, emptyNetwork, NETWORK_ARRAYS, type Network, scoreWithGradient } from '../../ranking/network.ts';
import { type Scaling, standardise } from '../../ranking/standardise.ts';
import { loadNetwork } from './networkKernel.ts';

const numbers = (length: number, random: () => number, spread = 1): Float32Array =>
  Float32Array.from({ length }, () => spread * (random() - 0.5));

function networkOf(inputs: number, hidden: readonly [number, number], random: () => number): Network {
  const network = emptyNetwork(inputs, hidden);
  for (const name of NETWORK_ARRAYS) network[name].set(numbers(network[name].length, random));
  return network;
}

const scalingOf = (inputs: number, random: () => number): Scaling => ({
  mean: numbers(inputs, random),
  inverse: numbers(inputs, random, 8).map((value) => Math.max(0, value)),
});

const expected = (network: Network, scaling: Scaling, features: Float32Array): number[] => {
  const gradient = new Float32Array(network.inputs);
  return Array.from({ length: features.length / network.inputs }, (_, row) =>
    scoreWithGradient(network, standardise(features, scaling, row, row + 1), gradient),
  );
};

describe('a network where the kernel finds it', () => {
  it('scores rows as its definition does, whatever its widths and however many stand side by side', () => {
    const widths = fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20 }));
    fc.assert(
      fc.property(
        widths,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        (shape, members, rows, seed) => {
          const [inputs, first, second] = shape;
          const random = seededRandom(seed);
          const network = averageOf(Array.from({ length: members }, () => networkOf(inputs, [first, second], random)));
          const scaling = scalingOf(inputs, random);
          const features = numbers(rows * inputs, random, 4);
          const scores = loadNetwork(network, scaling)(features, rows);
          expected(network, scaling, features).forEach((score, row) => {
            expect(Math.abs(scores[row]! - score)).toBeLessThan(1e-3 * (1 + Math.abs(score)));
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes longer lists than before, and shorter ones again', () => {
    const random = seededRandom(3);
    const [network, scaling] = [networkOf(30, [16, 8], random), scalingOf(30, random)];
    const score = loadNetwork(network, scaling);
    for (const rows of [2, 3000, 0, 5]) {
      const features = numbers(rows * 30, random);
      const scores = score(features, rows);
      expect(scores).toHaveLength(rows);
      if (rows > 0) expect(scores[rows - 1]).toBeCloseTo(expected(network, scaling, features.slice(-30))[0]!, 3);
    }
  });
});
