import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TextEncoder } from '../../ports/models.ts';
import { createOnnxEncoder } from './onnx.ts';

const dot = (a: Float32Array | undefined, b: Float32Array | undefined): number =>
  (a ?? new Float32Array()).reduce((sum, value, i) => sum + value * (b?.[i] ?? 0), 0);

describe('a sentence-transformers model in ONNX form', () => {
  const folder = mkdtempSync(join(tmpdir(), 'winnow-minilm-'));
  let encoder: TextEncoder;
  beforeAll(async () => {
    execFileSync('bash', ['scripts/services/minilm.sh', folder], { stdio: 'inherit' });
    encoder = await createOnnxEncoder(folder);
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('gives the unit vectors the model is known for', async () => {
    const [phone, mobile, soup] = await encoder.embed([
      'a cheap smartphone',
      'an inexpensive mobile phone',
      'tomato soup with basil',
    ]);
    expect(encoder.dimensions).toBe(384);
    expect(dot(phone, phone)).toBeCloseTo(1, 4);
    expect(dot(phone, mobile)).toBeGreaterThan(0.7);
    expect(dot(phone, soup)).toBeLessThan(0.3);
  });

  it('embeds a text alike alone and beside others, and any text at all', async () => {
    const texts = [
      'red shoes',
      'a much longer text about shoes that are red and new',
      '',
      '🎈',
      '\ud800\u0000',
      'שלום',
      'word '.repeat(4000),
    ];
    const together = await encoder.embed(texts);
    // Eight-bit weights with scales chosen at run time: the company in a batch shifts a vector a little.
    const without = new Set(['', '\ud800\u0000']);
    for (const [i, text] of texts.entries()) {
      const likeness = dot((await encoder.embed([text]))[0], together[i]);
      if (without.has(text)) expect(likeness).toBe(0);
      else expect(likeness).toBeGreaterThan(0.97);
    }
  });
});
