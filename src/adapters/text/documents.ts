import { Bitset } from '../../filters/bitset.ts';
import { GrowableUint8, GrowableUint16, GrowableUint32 } from './growable.ts';
import type { Vocabulary } from './vocabulary.ts';
import { GAP } from './vocabulary.ts';

/** Longest field length that is told apart; longer texts are weighed as this long. */
export const LONGEST_FIELD = 1023;

/**
 * What each document says, word by word and field by field: for phrases, expansion and features. A document keeps its number;
 * a changed item becomes a new document.
 */
export class Documents {
  readonly fieldCount: number;
  private readonly words = new GrowableUint32();
  /** Where the words of each document's fields begin; one entry a field, and the document's end. */
  private readonly bounds = new GrowableUint32();
  private readonly ordinals = new GrowableUint32();
  /** Words of a field that are no stop words. */
  readonly lengths = new GrowableUint16();
  /** 1 where the document's item is gone, or another document. */
  readonly gone = new GrowableUint8();
  /** By row of the catalogue: one more than the item's document, 0 where it has none. */
  private readonly byOrdinal = new GrowableUint32();
  private readonly lengthSums: number[];
  private readonly filled: number[];
  live = 0;

  constructor(fieldCount: number) {
    this.fieldCount = fieldCount;
    this.lengthSums = new Array<number>(fieldCount).fill(0);
    this.filled = new Array<number>(fieldCount).fill(0);
  }

  /** Documents ever added. */
  get count(): number {
    return this.ordinals.length;
  }

  /** @param fields word ids of each field, gaps included */
  add(ordinal: number, fields: readonly (readonly number[])[], vocabulary: Vocabulary): number {
    const document = this.ordinals.push(ordinal);
    this.gone.push(0);
    fields.forEach((words, field) => {
      this.bounds.push(this.words.length);
      let length = 0;
      for (const word of words) {
        this.words.push(word);
        if (word !== GAP && !vocabulary.isStop(word)) length += 1;
      }
      const kept = Math.min(length, LONGEST_FIELD);
      this.lengths.push(kept);
      this.weigh(field, kept, 1);
    });
    this.bounds.push(this.words.length);
    for (const word of this.distinctWords(document)) vocabulary.count(word, 1);
    this.byOrdinal.set(ordinal, document + 1);
    this.live += 1;
    return document;
  }

  /** Takes out the document of a row of the catalogue, where it has one. */
  remove(ordinal: number, vocabulary: Vocabulary): boolean {
    const document = this.byOrdinal.at(ordinal) - 1;
    if (document < 0) return false;
    this.byOrdinal.set(ordinal, 0);
    this.gone.set(document, 1);
    this.live -= 1;
    for (const word of this.distinctWords(document)) vocabulary.count(word, -1);
    for (let field = 0; field < this.fieldCount; field++) this.weigh(field, this.length(document, field), -1);
    return true;
  }

  private weigh(field: number, length: number, sign: 1 | -1): void {
    if (length === 0) return;
    this.lengthSums[field] = (this.lengthSums[field] ?? 0) + sign * length;
    this.filled[field] = (this.filled[field] ?? 0) + sign;
  }

  ordinal = (document: number): number => this.ordinals.at(document);
  /** Rows of the catalogue, which has so many, that these documents stand for. */
  rowsOf(documents: Uint32Array, rows: number): Bitset {
    const set = new Bitset(rows);
    const ordinals = this.ordinals.values;
    const { words } = set;
    for (let i = 0; i < documents.length; i++) {
      const ordinal = ordinals[documents[i]!]!;
      words[ordinal >>> 5]! |= 1 << (ordinal & 31);
    }
    return set;
  }

  isGone = (document: number): boolean => this.gone.at(document) === 1;
  length = (document: number, field: number): number => this.lengths.at(document * this.fieldCount + field);

  /** Mean length of a field where it is not empty; 1 where it always is. */
  meanLength(field: number): number {
    return Math.max(1, (this.lengthSums[field] ?? 0) / Math.max(1, this.filled[field] ?? 0));
  }

  /** Mean number of words in a document, stop words aside. */
  meanTotal(): number {
    return this.lengthSums.reduce((a, b) => a + b, 0) / Math.max(1, this.live);
  }

  /** Word ids of all documents' fields, one field after the other. */
  get allWords(): Uint32Array {
    return this.words.values;
  }

  /** Where a field's words begin in these; they end where those of `field + 1` begin. */
  start = (document: number, field: number): number => this.bounds.at(document * (this.fieldCount + 1) + field);

  /** Word ids of a field, in order, as a view. */
  field(document: number, field: number): Uint32Array {
    return this.allWords.subarray(this.start(document, field), this.start(document, field + 1));
  }

  private distinctWords(document: number): Set<number> {
    const at = document * (this.fieldCount + 1);
    const words = new Set(this.words.values.subarray(this.bounds.at(at), this.bounds.at(at + this.fieldCount)));
    words.delete(GAP);
    return words;
  }
}
