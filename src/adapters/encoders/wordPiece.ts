/** Words longer than this are unknown at once, as in BERT. */
const LONGEST_WORD = 100;

export interface WordPieceOptions {
  readonly lowerCase: boolean;
}

// BERT takes every ASCII symbol for punctuation, and each Chinese character for a word.
const SEPARATE = /([\p{P}$+<=>^`|~\p{sc=Han}])/gu;

/**
 * WordPiece (Schuster & Nakajima 2012) the way BERT models expect it: text into ids between [CLS] and [SEP], greedily the
 * longest piece first. At most `limit` ids.
 * @throws RangeError when the vocabulary lacks one of BERT's special pieces
 */
export function createWordPiece(
  vocabulary: ReadonlyMap<string, number>,
  { lowerCase }: WordPieceOptions,
): (text: string, limit: number) => number[] {
  const special = (piece: string): number => {
    const id = vocabulary.get(piece);
    if (id === undefined) throw new RangeError(`the vocabulary has no ${piece}`);
    return id;
  };
  const [unknown, start, end] = [special('[UNK]'), special('[CLS]'), special('[SEP]')];

  const pieces = (word: string): number[] => {
    if (word.length > LONGEST_WORD) return [unknown];
    const ids: number[] = [];
    for (let from = 0; from < word.length; ) {
      let to = word.length;
      let id: number | undefined;
      for (; to > from && id === undefined; to--) id = vocabulary.get((from > 0 ? '##' : '') + word.slice(from, to));
      if (id === undefined) return [unknown];
      ids.push(id);
      from = to + 1;
    }
    return ids;
  };

  return (text, limit) => {
    const clean = text.slice(0, limit * 20).replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Surrogate}\ufffd]/gu, ' ');
    const plain = lowerCase
      ? clean
          .toLowerCase()
          .normalize('NFD')
          .replace(/\p{Mn}/gu, '')
      : clean;
    const ids = [start];
    for (const word of plain.replace(SEPARATE, ' $1 ').split(/\s+/u)) {
      if (ids.length >= limit - 1) break;
      if (word !== '') ids.push(...pieces(word));
    }
    return [...ids.slice(0, limit - 1), end];
  };
}
