import { bufferFor } from '../../kernels/pages.ts';
import { GrowableUint32 } from './growable.ts';

/** A stretch of postings: documents, counted from `base`, and what each holds, from `from` up to but without `to`. */
export interface PostingBlock {
  readonly base: number;
  readonly documents: Uint16Array;
  readonly values: Uint8Array | Uint16Array;
  readonly from: number;
  readonly to: number;
}

const NONE = 0xffffffff;
/** Documents are packed in parts of so many, and numbered within their part by 16 bits. */
const PART_BITS = 16;
const WITHIN = (1 << PART_BITS) - 1;

/**
 * Term → postings (document, small value), in two parts: a packed base, sorted by part of the documents and term, and a tail of
 * what came since, chained by term. Entries of a document and term stay next to each other. `merge` packs the tail into the base
 * and drops what belongs to deleted documents.
 */
export class Postings {
  private readonly valueBytes: 1 | 2;
  private parts = 0;
  private terms = 0;
  /** Where each part's terms begin. */
  private starts = new Uint32Array(1);
  private documents = new Uint16Array(0);
  private values: Uint8Array | Uint16Array = new Uint8Array(0);
  private readonly heads = new Map<number, number>();
  private readonly tailTerms = new GrowableUint32();
  private readonly tailDocuments = new GrowableUint32();
  private readonly tailValues = new GrowableUint32();
  private readonly tailPrevious = new GrowableUint32();
  private readonly frequencies = new GrowableUint32();
  private loading = true;

  /** @param valueBytes what a value takes: it must fit */
  constructor(valueBytes: 1 | 2) {
    this.valueBytes = valueBytes;
  }

  /** Entries not yet packed. */
  get tailLength(): number {
    return this.tailTerms.length;
  }

  get baseLength(): number {
    return this.documents.length;
  }

  /**
   * Documents must come in ascending order, the entries of one document and term after each other. Until the first `merge` nothing
   * is found: a whole catalogue is read before anybody asks.
   */
  add(term: number, document: number, value: number): void {
    const entry = this.tailTerms.push(term);
    this.tailDocuments.push(document);
    this.tailValues.push(value);
    if (this.loading) return;
    const head = this.heads.get(term);
    this.tailPrevious.push(head ?? NONE);
    this.heads.set(term, entry);
    if (head === undefined || this.tailDocuments.at(head) !== document) this.frequencies.set(term, this.frequency(term) + 1);
  }

  /** Documents that have the term, deleted ones included until the next merge. */
  frequency(term: number): number {
    return term < this.frequencies.length ? this.frequencies.at(term) : 0;
  }

  blocks(term: number): PostingBlock[] {
    const blocks: PostingBlock[] = [];
    const { documents, values } = this;
    for (let part = 0; term < this.terms && part < this.parts; part++) {
      const at = part * this.terms + term;
      const from = this.starts[at] ?? 0;
      const to = this.starts[at + 1] ?? from;
      if (to > from) blocks.push({ base: part << PART_BITS, documents, values, from, to });
    }
    const head = this.heads.get(term);
    if (head !== undefined) this.addTail(head, blocks);
    return blocks;
  }

  /** Whether the document has the term. */
  has(term: number, document: number): boolean {
    const part = document >> PART_BITS;
    if (term < this.terms && part < this.parts) {
      const at = part * this.terms + term;
      const end = this.starts[at + 1] ?? 0;
      let from = this.starts[at] ?? end;
      for (let to = end; from < to; ) {
        const middle = (from + to) >> 1;
        if (this.documents[middle]! < (document & WITHIN)) from = middle + 1;
        else to = middle;
      }
      if (from < end && this.documents[from] === (document & WITHIN)) return true;
    }
    for (let entry = this.heads.get(term) ?? NONE; entry !== NONE; entry = this.tailPrevious.at(entry)) {
      if (this.tailDocuments.at(entry) === document) return true;
    }
    return false;
  }

  private addTail(head: number, blocks: PostingBlock[]): void {
    let part = -1;
    let documents: number[] = [];
    let values: number[] = [];
    const flush = (): void => {
      if (documents.length === 0) return;
      blocks.push({
        base: part << PART_BITS,
        documents: Uint16Array.from(documents),
        values: this.valuesOf(values),
        from: 0,
        to: documents.length,
      });
      documents = [];
      values = [];
    };
    for (let entry = head; entry !== NONE; entry = this.tailPrevious.at(entry)) {
      const document = this.tailDocuments.at(entry);
      if (document >> PART_BITS !== part) {
        flush();
        part = document >> PART_BITS;
      }
      documents.push(document & WITHIN);
      values.push(this.tailValues.at(entry));
    }
    flush();
  }

  private valuesOf(values: readonly number[]): Uint8Array | Uint16Array {
    return this.valueBytes === 1 ? Uint8Array.from(values) : Uint16Array.from(values);
  }

  /** Counting sort of base and tail together; linear in both. */
  merge(isDeleted: (document: number) => boolean): void {
    let terms = this.terms;
    let parts = this.parts;
    for (let i = 0; i < this.tailTerms.length; i++) {
      terms = Math.max(terms, this.tailTerms.at(i) + 1);
      parts = Math.max(parts, (this.tailDocuments.at(i) >> PART_BITS) + 1);
    }
    const starts = new Uint32Array(parts * terms + 1);
    const each = (visit: (term: number, document: number, value: number) => void): void => {
      for (let part = 0; part < this.parts; part++)
        for (let term = 0; term < this.terms; term++) {
          const to = this.starts[part * this.terms + term + 1] ?? 0;
          for (let i = this.starts[part * this.terms + term] ?? 0; i < to; i++) {
            const document = (part << PART_BITS) + (this.documents[i] ?? 0);
            if (!isDeleted(document)) visit(term, document, this.values[i] ?? 0);
          }
        }
      for (let i = 0; i < this.tailTerms.length; i++) {
        const document = this.tailDocuments.at(i);
        if (!isDeleted(document)) visit(this.tailTerms.at(i), document, this.tailValues.at(i));
      }
    };
    const placeOf = (term: number, document: number): number => (document >> PART_BITS) * terms + term;
    let total = 0;
    each((term, document) => {
      const at = placeOf(term, document) + 1;
      starts[at] = (starts[at] ?? 0) + 1;
      total += 1;
    });
    for (let at = 1; at < starts.length; at++) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
    const next = starts.slice();
    const documents = new Uint16Array(bufferFor(total * 2), 0, total);
    const buffer = bufferFor(total * this.valueBytes);
    const values = this.valueBytes === 1 ? new Uint8Array(buffer, 0, total) : new Uint16Array(buffer, 0, total);
    this.frequencies.values.fill(0);
    each((term, document, value) => {
      const place = placeOf(term, document);
      const at = next[place] ?? 0;
      documents[at] = document & WITHIN;
      values[at] = value;
      next[place] = at + 1;
      if (at === starts[place] || documents[at - 1] !== (document & WITHIN))
        this.frequencies.set(term, this.frequencies.at(term) + 1);
    });
    this.parts = parts;
    this.terms = terms;
    this.starts = starts;
    this.documents = documents;
    this.values = values;
    this.heads.clear();
    for (const list of [this.tailTerms, this.tailDocuments, this.tailValues, this.tailPrevious]) list.clear();
    this.loading = false;
  }
}
