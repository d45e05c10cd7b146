import fc from 'fast-check';
import { expect, test } from 'vitest';
import { poolBackward, poolForward } from './pool.ts';

/** Stretches of histories one after another, some of their rows targets. */
const cases = fc.record({
  d: fc.integer({ min: 1, max: 9 }),
  ages: fc.integer({ min: 1, max: 7 }),
  stretches: fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 4 }),
  seed: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 7, maxLength: 7 }),
});

test('pooling and its gradients are their definitions', () => {
  fc.assert(
    fc.property(cases, ({ d, ages, stretches, seed }) => {
      const last: number[] = [];
      const length: number[] = [];
      let row = 0;
      for (const stretch of stretches) {
        for (const [i, isTarget] of stretch.entries()) {
          if (isTarget) {
            last.push(row + i);
            length.push(Math.min(ages, i + 1));
          }
        }
        row += stretch.length;
      }
      const fill = (size: number, salt: number) =>
        Float32Array.from({ length: size }, (_, i) => seed[(i * 3 + salt) % 7]! + ((i * salt) % 5));
      const [rows, positions, gradient] = [fill(row * d, 1), fill(ages * d, 2), fill(last.length * d, 3)];
      const windows = { last: Int32Array.from(last), length: Int32Array.from(length) };
      const out = new Float64Array(last.length * d);
      const rowGradient = new Float64Array(rows.length);
      const positionGradient = new Float64Array(positions.length);
      for (let t = 0; t < last.length; t++) {
        for (let k = 0; k < length[t]!; k++) {
          for (let j = 0; j < d; j++) {
            const [at, p] = [(last[t]! - k) * d + j, k * d + j];
            out[t * d + j]! += positions[p]! * rows[at]!;
            rowGradient[at]! += positions[p]! * gradient[t * d + j]!;
            positionGradient[p]! += rows[at]! * gradient[t * d + j]!;
          }
        }
      }
      const near = (got: Float32Array, expected: Float64Array) => {
        for (let i = 0; i < expected.length; i++) expect(Math.abs(got[i]! - expected[i]!)).toBeLessThan(1e-3);
      };
      near(poolForward(rows, positions, windows, d), out);
      const got = poolBackward(gradient, rows, positions, windows, d);
      near(got.rows, rowGradient);
      near(got.positions, positionGradient);
    }),
  );
});
