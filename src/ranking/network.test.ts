import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../domain/random.ts';
import { attribute } from './attribution.ts';
import { fitCalibration, probability } from './calibration.ts';
import { lambdaLoss, softmaxLoss } from './listLoss.ts';
import { averageOf, emptyNetwork, NETWORK_ARRAYS, type Network, partsOf, scoreWithGradient } from './network.ts';
import { measureScaling, standardise } from './standardise.ts';

function randomNetwork(inputs: number, seed: number): Network {
  const random = seededRandom(seed);
  const network = emptyNetwork(inputs, [8, 4]);
  for (const name of NETWORK_ARRAYS) {
    for (let i = 0; i < network[name].length; i++) network[name][i] = random() * 2 - 1;
  }
  return network;
}
const row = (size: number) => fc.array(fc.integer({ min: -300, max: 300 }), { minLength: size, maxLength: size });
const scoreOf = (network: Network, x: Float32Array): number => scoreWithGradient(network, x, new Float32Array(x.length));

describe('network', () => {
  it('gives the slope by which its score really moves', () => {
    fc.assert(
      fc.property(row(5), fc.nat(50), (values, seed) => {
        const network = randomNetwork(5, seed);
        const x = Float32Array.from(values, (value) => value / 100);
        const gradient = new Float32Array(5);
        const score = scoreWithGradient(network, x, gradient);
        const step = 1e-3;
        const moved = x.map((value, i) => value + step * gradient[i]!);
        const expected = gradient.reduce((sum, slope) => sum + step * slope * slope, 0);
        // A kink may lie within the step: what it can add is bounded by the step itself.
        expect(Math.abs(scoreOf(network, moved) - score - expected)).toBeLessThan(0.02 * (1 + expected));
      }),
    );
  });

  it('of several averages their scores', () => {
    const members = [randomNetwork(6, 1), randomNetwork(6, 2), randomNetwork(6, 3)];
    const merged = averageOf(members);
    const x = Float32Array.of(1, -2, 0.5, 3, 0, -1);
    const mean = members.reduce((sum, member) => sum + scoreOf(member, x) / 3, 0);
    expect(scoreOf(merged, x)).toBeCloseTo(mean, 4);
  });

  it('of several comes apart into as many, which add up to it', () => {
    const members = [randomNetwork(6, 1), randomNetwork(6, 2), randomNetwork(6, 3)];
    const merged = averageOf(members);
    const parts = partsOf(merged);
    expect(parts.map(({ w1, b1, w2, b2 }) => ({ w1, b1, w2, b2 }))).toEqual(
      members.map(({ w1, b1, w2, b2 }) => ({ w1, b1, w2, b2 })),
    );
    const x = Float32Array.of(1, -2, 0.5, 3, 0, -1);
    const direct = merged.skip.reduce((sum, weight, i) => sum + weight * x[i]!, 0);
    expect(parts.reduce((sum, part) => sum + scoreOf(part, x), direct)).toBeCloseTo(scoreOf(merged, x), 4);
    expect(partsOf(randomNetwork(6, 1))).toHaveLength(1);
  });

  it('is explained by parts that add up to its score less the average row’s', () => {
    fc.assert(
      fc.property(row(12), fc.nat(50), (values, seed) => {
        const network = randomNetwork(6, seed);
        const rows = Float32Array.from(values, (value) => value / 100);
        const parts = attribute(network, rows, 2);
        for (const r of [0, 1]) {
          const x = rows.subarray(r * 6, r * 6 + 6);
          const sum = parts.subarray(r * 6, r * 6 + 6).reduce((total, part) => total + part, 0);
          if (x.some((value) => value !== 0))
            expect(sum).toBeCloseTo(scoreOf(network, x) - scoreOf(network, new Float32Array(6)), 3);
        }
      }),
    );
  });
});

describe.each([
  ['softmax', softmaxLoss],
  ['lambda', lambdaLoss],
] as const)('%s loss', (name, loss) => {
  it('falls along its gradient and is level where nothing was wanted', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(3)), { minLength: 2, maxLength: 12 }), (list) => {
        const scores = Float32Array.from(list, ([score]) => score / 10);
        const labels = Float32Array.from(list, ([, label]) => label);
        const gradient = new Float32Array(list.length);
        const before = loss(scores, labels, gradient);
        expect(gradient.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 4);
        if (labels.every((label) => label === 0)) expect(gradient.every((value) => value === 0)).toBe(true);
        else if (name === 'softmax') {
          const after = loss(
            scores.map((score, i) => score - 0.01 * gradient[i]!),
            labels,
            new Float32Array(list.length),
          );
          expect(after).toBeLessThanOrEqual(before + 1e-5);
        }
      }),
    );
  });
});

describe('a row that stands for several', () => {
  it('counts in the softmax loss as if it were there as many times', () => {
    const entry = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 4 }));
    fc.assert(
      fc.property(fc.array(entry, { minLength: 2, maxLength: 12 }), (list) => {
        const scores = Float32Array.from(list, ([score]) => score / 10);
        const labels = Float32Array.from(list, (_, i) => (i === 0 ? 1 : 0));
        const standsFor = Float32Array.from(list, ([, count], i) => (i === 0 ? 1 : count));
        const gradient = new Float32Array(list.length);
        const loss = softmaxLoss(scores, labels, gradient, standsFor);
        const copies = list.flatMap((_, i) => Array.from({ length: standsFor[i]! }, () => i));
        const whole = new Float32Array(copies.length);
        const expected = softmaxLoss(
          Float32Array.from(copies, (i) => scores[i]!),
          Float32Array.from(copies, (i) => labels[i]!),
          whole,
        );
        expect(loss).toBeCloseTo(expected, 4);
        const summed = new Float32Array(list.length);
        for (const [at, i] of copies.entries()) summed[i]! += whole[at]!;
        for (let i = 0; i < list.length; i++) expect(gradient[i]).toBeCloseTo(summed[i]!, 4);
      }),
    );
  });
});

describe('scaling', () => {
  it('centres every column that varies, ignores one that does not, and clips', () => {
    const rows = Float32Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? 7 : (i % 97) / 10));
    const scaled = standardise(rows, measureScaling(rows, 2));
    let sum = 0;
    for (let i = 1; i < scaled.length; i += 2) sum += scaled[i]!;
    expect(sum / 1000).toBeCloseTo(0, 3);
    expect(scaled[0]).toBe(0);
    expect(standardise(Float32Array.of(9, 1e9), measureScaling(rows, 2))).toEqual(Float32Array.of(0, 5));
  });
});

describe('calibration', () => {
  it('recovers the probabilities scores were made from', () => {
    const random = seededRandom(3);
    const scores = Float32Array.from({ length: 20_000 }, () => random() * 6 - 3);
    const acted = Uint8Array.from(scores, (score) => (random() < 1 / (1 + Math.exp(-(0.7 * score - 1))) ? 1 : 0));
    const { slope, offset } = fitCalibration(scores, acted);
    expect(slope).toBeCloseTo(0.7, 1);
    expect(offset).toBeCloseTo(-1, 1);
  });

  it('keeps the order of scores whatever it was fitted on, and sinks what is no number', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -90, max: 90 }), fc.boolean())), (list) => {
        const scores = Float32Array.from(list, ([score]) => score / 10);
        const calibration = fitCalibration(
          scores,
          Uint8Array.from(list, ([, acted]) => Number(acted)),
        );
        expect(calibration.slope).toBeGreaterThan(0);
        expect(Number.isFinite(calibration.offset)).toBe(true);
        expect(probability(calibration, Number.NaN)).toBe(0);
      }),
    );
  });
});
