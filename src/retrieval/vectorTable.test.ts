import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VectorTable } from './vectorTable.ts';

test('all inner products at once are those of one after the other, to the bit', () => {
  const numbers = (length: number) =>
    fc.array(fc.float({ noNaN: true, min: -9, max: 9 }), { minLength: length, maxLength: length });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.boolean(), { maxLength: 23 }),
      fc.func(numbers(9)),
      (width, present, of) => {
        const table = new VectorTable(width, 0);
        present.forEach((has, row) => {
          if (has) table.set(row, Float32Array.from(of(row)).subarray(0, width));
        });
        const query = Float32Array.from(of(-1)).subarray(0, width);
        const all = new Float32Array(present.length + 20).fill(7);
        table.dotAll(query, all);
        expect(all).toEqual(Float32Array.from(all, (_, row) => table.dot(query, row)));
      },
    ),
  );
});
