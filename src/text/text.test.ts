import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAnalyser } from './analyser.ts';
import { allowedEdits, bitCount, editDistance, letterMask } from './distance.ts';
import { fold } from './fold.ts';
import { fuse } from './fuse.ts';
import { detectLanguage, STEMMERS } from './language.ts';
import { isCode, tokenise } from './tokenise.ts';

const words = (text: string): string[] => tokenise(text).map(({ word }) => word);

describe('folding', () => {
  it('takes accents off Latin, Greek, Hebrew and Arabic, and leaves letters that only look like it', () => {
    expect(fold('Crème Brûlée')).toBe('creme brulee');
    expect(fold('Straße Ærø Łódź İstanbul')).toBe('strasse aero lodz istanbul');
    expect(fold('Ελλάδα')).toBe('ελλαδα');
    expect(fold('шарик йод ёлка')).toBe('шарик йод елка');
    expect(fold('हिन्दी')).toBe('हिन्दी');
    expect(fold('ＷＩＤＥ ﬁne')).toBe('wide fine');
  });

  it('changes nothing the second time, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fold(fold(text))).toBe(fold(text));
      }),
    );
  });
});

describe('tokens', () => {
  it('keeps numbers, codes and apostrophes together', () => {
    expect(words('Sony WH-1000XM4: 3.5mm, $1,299.99')).toEqual(['sony', 'wh', '1000xm4', '3.5mm', '1299.99']);
    expect(words("women's don’t C++ c# AC/DC")).toEqual(['women', 'dont', 'c++', 'c#', 'ac', 'dc']);
    expect(tokenise('t-shirt red').map(({ joined }) => joined)).toEqual([false, true, false]);
    expect([isCode('1000xm4'), isCode('७'), isCode('shirt')]).toEqual([true, true, false]);
  });

  it('finds words where none are spaced', () => {
    expect(words('東京都の天気')).toContain('天気');
    expect(words('สวัสดีชาวโลก').length).toBeGreaterThan(1);
  });

  it('tell where they were, in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        let before = 0;
        for (const { word, start, end } of tokenise(text)) {
          expect(word).not.toBe('');
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThan(start);
          before = end;
        }
        expect(before).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

describe('languages', () => {
  it('are told from the texts of a catalogue', () => {
    expect(detectLanguage(['Der Hund und die Katze sitzen auf dem Sofa'])).toBe('de');
    expect(detectLanguage(['Le chat est sur la table et il dort dans le salon'])).toBe('fr');
    expect(detectLanguage(['Кошка и собака на ковре, но не в доме'])).toBe('ru');
    expect(detectLanguage(['Nike Air Max 90', 'Sony WH-1000XM4'])).toBe('en');
    expect(detectLanguage(['東京', '大阪'])).toBe('und');
    expect(detectLanguage([])).toBe('und');
  });

  it('stem, each with its own stemmer, and leave codes alone', () => {
    expect(createAnalyser('en-GB').stem('running')).toBe('run');
    expect(createAnalyser('de').stem('hausern')).toBe(createAnalyser('de').stem('haus'));
    expect(createAnalyser('nb').language).toBe('nb');
    expect(createAnalyser('en').stem('1000s')).toBe('1000s');
    expect(createAnalyser('und').stem('running')).toBe('running');
    for (const language of Object.keys(STEMMERS)) expect(createAnalyser(language).stem('testing')).not.toBe('');
  });
});

describe('edit distance', () => {
  it('counts insertions, deletions, replacements and swaps of neighbours', () => {
    expect(editDistance('shoes', 'shoe', 2)).toBe(1);
    expect(editDistance('haedphones', 'headphones', 2)).toBe(1);
    expect(editDistance('kitten', 'sitting', 3)).toBe(3);
    expect(editDistance('abc', 'xyz', 1)).toBe(2);
    expect([allowedEdits(3), allowedEdits(5), allowedEdits(9)]).toEqual([0, 1, 2]);
  });

  it('is symmetric, and never rules out by letters what is near enough', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abcdeé东'), maxLength: 9 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b, 20);
        expect(editDistance(b, a, 20)).toBe(distance);
        expect(bitCount(letterMask(a) ^ letterMask(b))).toBeLessThanOrEqual(2 * distance);
        expect(editDistance(a, b, 2)).toBe(Math.min(distance, 3));
      }),
    );
  });
});

describe('fusion', () => {
  const settings = { weight: 0.25, floor: 0.1, match: 0.4 };
  it('weighs words and meaning, and goes by what there is', () => {
    const [both, word, meaning] = fuse(
      [
        { lexical: 10, cosine: 0.9 },
        { lexical: 10, cosine: 0.5 },
        { lexical: undefined, cosine: 0.9 },
      ],
      settings,
    );
    expect(both).toBeCloseTo(1);
    expect(word).toBeCloseTo(0.75 + 0.125);
    expect(meaning).toBeCloseTo(0.25);
    expect([...fuse([{ lexical: 4, cosine: undefined }], settings)]).toEqual([1]);
    expect([...fuse([{ lexical: undefined, cosine: 0.8 }], settings)]).toEqual([1]);
    expect([...fuse([], settings)]).toEqual([]);
  });

  it('stays between 0 and 1', () => {
    const score = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.record({ lexical: score, cosine: score })), (inputs) => {
        for (const value of fuse(inputs, settings)) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });
});
