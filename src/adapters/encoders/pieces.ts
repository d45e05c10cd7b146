/** Pieces with their log probabilities, as a SentencePiece unigram model keeps them; a piece whose score was lost has null. */
export type Vocabulary = readonly (readonly [piece: string, score: number | null])[];

/** Checked by hand, as the thread that encodes does without a schema library. @throws TypeError for anything else */
export function parseVocabulary(value: unknown): Vocabulary {
  const isEntry = (entry: unknown): entry is [string, number | null] =>
    Array.isArray(entry) &&
    entry.length === 2 &&
    typeof entry[0] === 'string' &&
    (entry[1] === null || typeof entry[1] === 'number');
  if (Array.isArray(value) && value.length > RESERVED && value.every(isEntry)) return value;
  throw new TypeError('not a vocabulary of pieces');
}

/** Index of the piece that stands for everything the vocabulary lacks. */
const UNKNOWN = 0;
/** The first pieces are control symbols; no text contains them. */
const RESERVED = 6;
/** What an unknown character costs, below any known piece. */
const UNKNOWN_SCORE = -20;

/**
 * Most probable segmentation of a text into pieces (Kudo 2018, unigram language model, Viterbi), as piece indices.
 * Runs of unknown characters give one unknown piece. At most `limit` pieces come back, the beginning of the text.
 */
export function createPieceTokeniser(vocabulary: Vocabulary): (text: string, limit: number) => number[] {
  const pieces = new Map<string, { readonly index: number; readonly score: number }>();
  let longest = 1;
  let last = UNKNOWN_SCORE;
  vocabulary.forEach(([piece, score], index) => {
    if (index < RESERVED) return;
    // The list is sorted by score, so a lost one is about its neighbour's.
    last = score ?? last;
    pieces.set(piece, { index, score: last });
    longest = Math.max(longest, piece.length);
  });

  return (text, limit) => {
    // No piece is shorter than a character and few are longer than eight: what lies beyond cannot be among the first pieces.
    const prepared = text
      .normalize('NFKC')
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim()
      .slice(0, limit * longest);
    if (prepared === '') return [];
    const input = `\u2581${prepared.replaceAll(' ', '\u2581')}`;
    const best = new Float64Array(input.length + 1).fill(Number.NEGATIVE_INFINITY);
    const from = new Int32Array(input.length + 1);
    const piece = new Int32Array(input.length + 1);
    best[0] = 0;
    for (let start = 0; start < input.length; start++) {
      const base = best[start] ?? Number.NEGATIVE_INFINITY;
      const offer = (end: number, index: number, score: number): void => {
        if (base + score <= (best[end] ?? 0)) return;
        best[end] = base + score;
        from[end] = start;
        piece[end] = index;
      };
      offer(start + 1, UNKNOWN, UNKNOWN_SCORE);
      const furthest = Math.min(input.length, start + longest);
      for (let end = start + 1; end <= furthest; end++) {
        const known = pieces.get(input.slice(start, end));
        if (known !== undefined) offer(end, known.index, known.score);
      }
    }
    const indices: number[] = [];
    for (let end = input.length; end > 0; end = from[end] ?? 0) {
      const index = piece[end] ?? UNKNOWN;
      if (index !== UNKNOWN || indices.at(-1) !== UNKNOWN) indices.push(index);
    }
    return indices.reverse().slice(0, limit);
  };
}
