import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../domain/random.ts';
import { pages } from '../../kernels/pages.ts';
import { attentionRoom, createAttention } from './attention.ts';

const HEADS = 4;

/** The definition: each head's rows blended by how well the row's query fits their keys. */
function expected(data: Float32Array, from: number, length: number, width: number): number[] {
  const size = width / HEADS;
  const rows = Array.from({ length }, (_, i) => from + i);
  const at = (row: number, part: number, j: number): number => data[row * 3 * width + part * width + j]!;
  return rows.flatMap((row) =>
    Array.from({ length: width }, (_, j) => {
      const head = j - (j % size);
      const fits = rows.map((other) => {
        let sum = 0;
        for (let i = head; i < head + size; i++) sum += at(row, 0, i) * at(other, 1, i);
        return Math.exp(sum / Math.sqrt(size));
      });
      const total = fits.reduce((a, b) => a + b, 0);
      return rows.reduce((sum, other, i) => sum + (fits[i]! / total) * at(other, 2, j), 0);
    }),
  );
}

test('attention is what its definition says, whatever came before and however long the text', () => {
  const shape = { rows: 48, size: 16 };
  const memory = pages(attentionRoom(shape));
  const attend = createAttention(memory, 0, shape, HEADS);
  const text = fc.record({
    length: fc.integer({ min: 1, max: shape.rows }),
    from: fc.integer({ min: 0, max: 5 }),
    width: fc.constantFrom(32, 64),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(text, ({ length, from, width, seed }) => {
      const random = seededRandom(seed);
      const rows = from + length + 2;
      const data = Float32Array.from({ length: rows * 3 * width }, () => 3 * (random() - 0.5));
      const to = new Float32Array(rows * width).fill(7);
      attend(data, to, from, length, width);
      expected(data, from, length, width).forEach((value, i) => {
        expect(to[from * width + i]).toBeCloseTo(value, 4);
      });
      expect(to.subarray(0, from * width).every((value) => value === 7)).toBe(true);
      expect(to.subarray((from + length) * width).every((value) => value === 7)).toBe(true);
    }),
    { numRuns: 25 },
  );
});
