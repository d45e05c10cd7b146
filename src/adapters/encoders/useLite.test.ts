import { describe, expect, it } from 'vitest';
import { createUseLiteEncoder } from './useLite.ts';

const dot = (a: Float32Array | undefined, b: Float32Array | undefined): number =>
  (a ?? new Float32Array()).reduce((sum, value, i) => sum + value * (b?.[i] ?? 0), 0);

/** As TensorFlow.js computes them from the same weights, in 32-bit floats. */
const PUBLISHED = [
  [0.05271, 0.01265, 0.0377, 0.02448],
  [0.00595, -0.05589, 0.03677, -0.04881],
];

describe('Universal Sentence Encoder Lite', async () => {
  const encoder = await createUseLiteEncoder();

  it('gives unit vectors in which meaning is near', async () => {
    const [phone, mobile, soup] = await encoder.embed([
      'a cheap smartphone',
      'an inexpensive mobile phone',
      'tomato soup with basil',
    ]);
    expect(phone).toHaveLength(encoder.dimensions);
    expect(dot(phone, phone)).toBeCloseTo(1, 4);
    expect(dot(phone, mobile)).toBeGreaterThan(dot(phone, soup) + 0.2);
  });

  it('gives the numbers of the published graph, to what 16 bits leave of them', async () => {
    const vectors = await encoder.embed(['red shoes', 'a cheap smartphone']);
    PUBLISHED.forEach((numbers, text) => {
      numbers.forEach((value, i) => {
        expect(Math.abs((vectors[text]?.[i] ?? 0) - value)).toBeLessThan(0.0005);
      });
    });
  });

  it('embeds a text alike alone and in a batch of other lengths', async () => {
    const texts = ['red shoes', `a long text ${'about many things and then some more '.repeat(12)}`, 'x'];
    const together = await encoder.embed(texts);
    for (const [i, text] of texts.entries()) {
      const [alone] = await encoder.embed([text]);
      expect(dot(alone, together[i])).toBeGreaterThan(0.999);
    }
  });

  it('has an answer for any text', async () => {
    const texts = ['', ' ', '\u0000\u0001', '🎈🎈', 'שלום עולם', '\ud800', 'word '.repeat(5000)];
    const vectors = await encoder.embed(texts);
    expect(vectors).toHaveLength(texts.length);
    for (const vector of vectors) expect(vector.every(Number.isFinite)).toBe(true);
    expect(vectors[0]?.every((value) => value === 0)).toBe(true);
  });
});
