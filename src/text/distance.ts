/** Three rows of the table, kept from call to call: a vocabulary is thousands of calls. */
let room = 0;
let rows: [Uint8Array, Uint8Array, Uint8Array];
function makeRoom(width: number): void {
  room = Math.max(128, width);
  rows = [new Uint8Array(room), new Uint8Array(room), new Uint8Array(room)];
}
makeRoom(0);

/**
 * Optimal string alignment distance (Damerau-Levenshtein without editing a swapped pair again) between two words, or
 * `most + 1` as soon as it is clear that it exceeds `most`.
 */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  const width = b.length + 1;
  if (width > room) makeRoom(width);
  let [beforeLast, last, row] = rows;
  for (let j = 0; j < width; j++) last[j] = j;
  for (let i = 1; i <= a.length; i++) {
    row[0] = i;
    let least = i;
    const from = a.charCodeAt(i - 1);
    for (let j = 1; j < width; j++) {
      const to = b.charCodeAt(j - 1);
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (from === to ? 0 : 1));
      if (i > 1 && j > 1 && from === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === to) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row[j] = cost;
      if (cost < least) least = cost;
    }
    if (least > most) return most + 1;
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return Math.min(last[b.length] ?? 0, most + 1);
}

/** A set of a word's letters in 32 bits. One edit changes at most two of them, which rules most words out at once. */
export function letterMask(word: string): number {
  let mask = 0;
  for (let i = 0; i < word.length; i++) mask |= 1 << (word.charCodeAt(i) % 31);
  return mask;
}

export function bitCount(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** Edits a word may be away and still be meant: none for short words, two for long ones. */
export const allowedEdits = (length: number): number => (length < 4 ? 0 : length < 8 ? 1 : 2);
