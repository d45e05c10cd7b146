import fc from 'fast-check';
import { expect, test } from 'vitest';
import { topK } from './topK.ts';

test('topK is the head of the sorted survivors', () => {
  const scores = fc.array(fc.constantFrom(0, 1, 2, 3, -1, Number.NaN, 0.5), { maxLength: 60 });
  fc.assert(
    fc.property(scores, fc.integer({ min: 0, max: 70 }), fc.integer({ min: 1, max: 4 }), (list, k, modulus) => {
      const array = Float32Array.from(list);
      const has = (i: number) => i % modulus === 0;
      const expected = list
        .map((score, index) => ({ score, index }))
        .filter(({ score, index }) => score > -0.5 && has(index))
        .sort((a, b) => b.score - a.score || a.index - b.index)
        .slice(0, k);
      const head = expected.map(({ index, score }) => ({ index, score }));
      expect(topK(array, k, has, -0.5)).toEqual(head);
      const among = Int32Array.from(list.keys()).filter(has).reverse();
      expect(topK(array, k, () => true, -0.5, among)).toEqual(head);
    }),
  );
});
