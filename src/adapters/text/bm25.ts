import type { Accumulator } from './accumulator.ts';
import { LONGEST_FIELD } from './documents.ts';
import { MOST_GRAMS } from './grams.ts';
import { COUNT_BITS, type InvertedIndex, MOST_COUNT } from './invertedIndex.ts';

/** A term that stands for a word of the query, and how well: 1 for the word itself, less for a synonym or a guess. */
export interface Alternative {
  readonly term: number;
  readonly weight: number;
}

/** A word of the query, with all that may stand for it. A document scores by the best of them. */
export interface Slot {
  readonly alternatives: readonly Alternative[];
  readonly weight: number;
}

/** Okapi BM25's saturation and length normalisation; short fields such as titles say little by their length. */
export const K1 = 1.2;
const B_LONG = 0.75;
const B_SHORT = 0.4;
const SHORT_FIELD = 15;
const GRAM_K1 = 0.9;
const GRAM_B = 0.5;

/** Robertson–Sparck Jones weight in the form that stays positive. */
export const inverseDocumentFrequency = (documents: number, frequency: number): number =>
  Math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5));

interface Norms {
  /** Documents ever added, and those that are there: the norms hold until either changes. */
  readonly count: number;
  readonly live: number;
  /** boost / (1 − b + b·length/mean) for each length of each field. */
  readonly fields: readonly Float32Array[];
  /** k1 · (1 − b + b·length/mean) for each number of 4-grams. */
  readonly grams: Float64Array;
}

const known = new WeakMap<InvertedIndex, Norms>();

/** What lengths count for, made anew when the documents are others. */
export function normsOf(index: InvertedIndex): Norms {
  const { count, live } = index.documents;
  const norms = known.get(index);
  if (norms?.count === count && norms.live === live) return norms;
  const made = { count, live, fields: fieldNorms(index), grams: gramNorms(index) };
  known.set(index, made);
  return made;
}

function fieldNorms(index: InvertedIndex): Float32Array[] {
  return index.fields.map(({ boost }, field) => {
    const mean = index.documents.meanLength(field);
    const b = mean < SHORT_FIELD ? B_SHORT : B_LONG;
    return Float32Array.from({ length: LONGEST_FIELD + 1 }, (_, length) => boost / (1 - b + (b * length) / mean));
  });
}

function gramNorms({ gramSum, documents }: InvertedIndex): Float64Array {
  const mean = Math.max(1, gramSum / Math.max(1, documents.count));
  return Float64Array.from({ length: MOST_GRAMS + 1 }, (_, length) => GRAM_K1 * (1 - GRAM_B + (GRAM_B * length) / mean));
}

/**
 * BM25F (Robertson, Zaragoza & Taylor 2004): a term's counts in the fields are weighted and normalised by field, summed, and
 * saturated once. Adds idf · w/(k1 + w) · (k1 + 1) of each slot's best alternative to the documents' scores.
 */
export function scoreSlots(index: InvertedIndex, slots: readonly Slot[], into: Accumulator, scratch: Accumulator): void {
  const norms = normsOf(index).fields;
  for (const slot of slots) {
    const [only] = slot.alternatives;
    if (slot.alternatives.length === 1 && only !== undefined) {
      scoreTerm(index, norms, only.term, only.weight * slot.weight, into, 'add');
      continue;
    }
    scratch.reset(index.documents.count);
    for (const { term, weight } of slot.alternatives) {
      scoreTerm(index, norms, term, weight * slot.weight, scratch, 'raise');
    }
    for (let i = 0; i < scratch.count; i++) {
      const document = scratch.touched[i]!;
      into.touch(document);
      into.scores[document]! += scratch.scores[document]!;
    }
  }
}

/** Adds the term's score to each document's, or raises that to it. */
function scoreTerm(
  index: InvertedIndex,
  norms: readonly Float32Array[],
  term: number,
  weight: number,
  into: Accumulator,
  how: 'add' | 'raise',
): void {
  const { fieldCount } = index.documents;
  const lengthOf = index.documents.lengths.values;
  const { scores } = into;
  const factor = weight * inverseDocumentFrequency(index.documents.count, index.postings.frequency(term)) * (K1 + 1);
  for (const { base, documents, values, from, to } of index.postings.blocks(term)) {
    let i = from;
    while (i < to) {
      const within = documents[i]!;
      const document = base + within;
      let weighted = 0;
      do {
        const value = values[i]!;
        const field = value >> COUNT_BITS;
        const length = lengthOf[document * fieldCount + field]!;
        weighted += (value & MOST_COUNT) * norms[field]![length]!;
        i += 1;
      } while (i < to && documents[i] === within);
      const score = (factor * weighted) / (K1 + weighted);
      into.touch(document);
      const there = scores[document]!;
      scores[document] = how === 'add' ? there + score : Math.max(there, score);
    }
  }
}

/** Postings of 4-grams that one query may read. The rarest grams come first: they say the most. */
const GRAM_BUDGET = 60_000;

export interface GramOptions {
  /** Share of the ideal score below which only documents that are `known` matter. */
  readonly likeness: number;
  readonly known: Accumulator;
}

/**
 * BM25 over character 4-grams, the rarest first; grams that more than a third of the documents have are left out, and the
 * commonest where the catalogue is so large that all would take long. Once what is left to add cannot make a document alike
 * any more, no further ones are taken up.
 * @returns the score of a document of mean length that has them all once
 */
export function scoreGrams(index: InvertedIndex, grams: readonly number[], into: Accumulator, options: GramOptions): number {
  const documentCount = index.documents.count;
  const lengthOf = index.gramLengths.values;
  const { scores, marks } = into;
  const isKnown = options.known.marks;
  const norms = normsOf(index).grams;
  const rarestFirst = [...new Set(grams)].map((gram) => {
    const frequency = index.grams.frequency(gram);
    return { gram, frequency, rarity: inverseDocumentFrequency(documentCount, frequency) };
  });
  rarestFirst.sort((a, b) => a.frequency - b.frequency);
  const ideal = rarestFirst.reduce((sum, { rarity }) => sum + rarity, 0);
  let left = ideal * (GRAM_K1 + 1);
  let read = 0;
  for (const { gram, frequency, rarity } of rarestFirst) {
    const isOpen = left >= options.likeness * ideal;
    left -= rarity * (GRAM_K1 + 1);
    if (frequency === 0 || (frequency > documentCount / 3 && documentCount > 30)) continue;
    read += frequency;
    if (read > GRAM_BUDGET) break;
    const factor = rarity * (GRAM_K1 + 1);
    for (const { base, documents, values, from, to } of index.grams.blocks(gram)) {
      for (let i = from; i < to; i++) {
        const document = base + documents[i]!;
        if (!isOpen && marks[document] === 0 && isKnown[document] === 0) continue;
        const count = values[i]!;
        into.touch(document);
        scores[document]! += (factor * count) / (count + norms[lengthOf[document]!]!);
      }
    }
  }
  return ideal;
}
