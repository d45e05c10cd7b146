import fc from 'fast-check';
import { expect, test } from 'vitest';
import { softmaxShares } from './softmax.ts';

test('shares, their sums and the loss are those of the softmax, without a target among its own negatives', () => {
  const logit = fc.double({ min: -60, max: 60, noNaN: true });
  const cases = fc.record({
    negatives: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 9 }),
    queries: fc.array(fc.record({ target: fc.integer({ min: 0, max: 9 }), own: logit }), { minLength: 1, maxLength: 4 }),
    numbers: fc.array(logit, { minLength: 7, maxLength: 7 }),
    corrections: fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 9, maxLength: 9 }),
  });
  fc.assert(
    fc.property(cases, ({ negatives, queries, numbers, corrections }) => {
      const [n, m] = [queries.length, negatives.length];
      const logits = Float32Array.from({ length: n * m }, (_, i) => numbers[i % 7]!);
      const otherBias = Float32Array.from(negatives, (_, j) => numbers[(3 * j) % 7]! / 10);
      const got = softmaxShares(
        logits.slice(),
        Float32Array.from(queries, ({ own }) => own),
        {
          otherBias,
          targets: Int32Array.from(queries, ({ target }) => target),
          negatives: { items: Int32Array.from(negatives), corrections: Float32Array.from(corrections.slice(0, m)) },
        },
      );
      let loss = 0;
      const sums = new Float64Array(m);
      for (const [i, { target, own }] of queries.entries()) {
        const scores = negatives.map((item, j) =>
          item === target ? Number.NEGATIVE_INFINITY : logits[i * m + j]! + otherBias[j]! + corrections[j]!,
        );
        const peak = Math.max(own, ...scores);
        const total = [own, ...scores].reduce((sum, score) => sum + Math.exp(score - peak), 0);
        loss += (Math.log(total) + peak - own) / n;
        for (const [j, score] of scores.entries()) {
          const share = Math.exp(score - peak) / total / n;
          sums[j]! += share;
          expect(Math.abs(got.shares[i * m + j]! - share)).toBeLessThan(1e-5);
        }
        expect(Math.abs(got.ownShares[i]! - (Math.exp(own - peak) / total - 1) / n)).toBeLessThan(1e-5);
      }
      expect(Math.abs(got.loss - loss)).toBeLessThan(1e-3);
      for (const [j, sum] of sums.entries()) expect(Math.abs(got.byBias[j]! - sum)).toBeLessThan(1e-5);
    }),
  );
});
