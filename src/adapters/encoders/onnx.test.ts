import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOnnxEncoder } from './onnx.ts';
import { createWordPiece } from './wordPiece.ts';

describe('WordPiece', () => {
  const pieces = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'run', '##ning', '##s', 'shoe', ',', 'cafe', '東'];
  const tokenise = createWordPiece(new Map(pieces.map((piece, id) => [piece, id])), { lowerCase: true });
  const read = (text: string, limit = 20) => tokenise(text, limit).map((id) => pieces[id]);

  it('takes the longest pieces, apart at punctuation, without case and accents', () => {
    expect(read('Running shoes,café 東東 xyz')).toEqual([
      '[CLS]',
      'run',
      '##ning',
      'shoe',
      '##s',
      ',',
      'cafe',
      '東',
      '東',
      '[UNK]',
      '[SEP]',
    ]);
    expect(read('')).toEqual(['[CLS]', '[SEP]']);
  });

  it('stays within its limit on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 8 }), (text, limit) => {
        const ids = tokenise(text, limit);
        expect(ids.length).toBeLessThanOrEqual(limit);
        expect([pieces[ids[0] ?? 0], pieces[ids.at(-1) ?? 0]]).toEqual(['[CLS]', '[SEP]']);
      }),
    );
  });
});

describe('an ONNX folder that will not do', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-onnx-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is refused with what is missing', async () => {
    await expect(createOnnxEncoder(folder)).rejects.toThrow(/has no model\.onnx/);
    await writeFile(join(folder, 'model.onnx'), 'nothing');
    await expect(createOnnxEncoder(folder)).rejects.toThrow(/neither vocab\.txt nor tokenizer\.json/);
    await writeFile(join(folder, 'tokenizer.json'), '{"model":{"type":"BPE"}}');
    await expect(createOnnxEncoder(folder)).rejects.toThrow(/tokenizer\.json/);
  });
});
