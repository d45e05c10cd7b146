import { fold } from '../../text/fold.ts';
import type { Postings } from './postings.ts';

const SIZE = 4;
const BUCKETS = 1 << 18;
/** Characters of a document that are read, in the order of its fields' weights: forgiveness is for names, not for essays. */
const LONGEST = 400;

/** Documents with more grams than this are weighed as if they had so many. */
export const MOST_GRAMS = 1023;

/** A gram that is there more often counts as so many. */
const MOST_COUNT = 255;

/** Words with one space between and around them: grams see where words begin and end, and run over what is written apart. */
const padded = (text: string): string =>
  ` ${fold(text)
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()} `;

/** Character 4-grams as hashes below 2^18 (FNV-1a over UTF-16 units). */
export function gramsOf(text: string): number[] {
  const input = padded(text);
  const grams: number[] = [];
  for (let start = 0; start + SIZE <= input.length; start++) {
    let hash = 0x811c9dc5;
    for (let i = start; i < start + SIZE; i++) hash = Math.imul(hash ^ input.charCodeAt(i), 0x01000193);
    grams.push((hash ^ (hash >>> 18)) & (BUCKETS - 1));
  }
  return grams;
}

/** Adds a document's grams. @returns how many, up to `MOST_GRAMS` */
export function addGrams(postings: Postings, document: number, texts: readonly string[]): number {
  const counts = new Map<number, number>();
  let total = 0;
  let left = LONGEST;
  for (const text of texts) {
    if (left <= 0 || text === '') continue;
    for (const gram of gramsOf(text.slice(0, left))) {
      counts.set(gram, (counts.get(gram) ?? 0) + 1);
      total += 1;
    }
    left -= text.length;
  }
  for (const [gram, count] of counts) postings.add(gram, document, Math.min(count, MOST_COUNT));
  return Math.min(total, MOST_GRAMS);
}
