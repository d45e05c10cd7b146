import { bufferFor } from '../wasm/pages.ts';
import { GrowableUint32 } from './growable.ts';

/** A stretch of postings: documents, and what each holds, from `from` up to but without `to`. */
export interface PostingBlock {
  readonly documents: Uint32Array;
  readonly values: Uint16Array;
  readonly from: number;
  readonly to: number;
}

const NONE = 0xffffffff;

/**
 * Term → postings (document, 16-bit value), in two parts: a packed base, sorted by term, and a tail of what came since, chained
 * by term. Entries of a document and term stay next to each other. `merge` packs the tail into the base and drops what belongs
 * to deleted documents.
 */
export class Postings {
  private starts = new Uint32Array(1);
  private documents = new Uint32Array(0);
  private values = new Uint16Array(0);
  private readonly heads = new Map<number, number>();
  private readonly tailTerms = new GrowableUint32();
  private readonly tailDocuments = new GrowableUint32();
  private readonly tailValues = new GrowableUint32();
  private readonly tailPrevious = new GrowableUint32();
  private readonly frequencies = new GrowableUint32();
  private loading = true;

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
    if (this.loading) {
      this.tailTerms.push(term);
      this.tailDocuments.push(document);
      this.tailValues.push(value);
      return;
    }
    const head = this.heads.get(term);
    const entry = this.tailTerms.push(term);
    this.tailDocuments.push(document);
    this.tailValues.push(value);
    this.tailPrevious.push(head ?? NONE);
    this.heads.set(term, entry);
    if (head === undefined || this.tailDocuments.at(head) !== document) this.frequencies.set(term, this.frequency(term) + 1);
  }

  /** Documents that have the term, deleted ones included until the next merge. */
  frequency(term: number): number {
    return term < this.frequencies.length ? this.frequencies.at(term) : 0;
  }

  blocks(term: number): PostingBlock[] {
    const from = this.starts[term] ?? 0;
    const to = this.starts[term + 1] ?? from;
    const blocks: PostingBlock[] = to > from ? [{ documents: this.documents, values: this.values, from, to }] : [];
    const head = this.heads.get(term);
    if (head !== undefined) blocks.push(this.tailBlock(head));
    return blocks;
  }

  private tailBlock(head: number): PostingBlock {
    const documents: number[] = [];
    const values: number[] = [];
    for (let entry = head; entry !== NONE; entry = this.tailPrevious.at(entry)) {
      documents.push(this.tailDocuments.at(entry));
      values.push(this.tailValues.at(entry));
    }
    return { documents: Uint32Array.from(documents), values: Uint16Array.from(values), from: 0, to: documents.length };
  }

  /** Counting sort of base and tail together; linear in both. */
  merge(isDeleted: (document: number) => boolean): void {
    let terms = Math.max(this.starts.length - 1, this.frequencies.length);
    if (this.loading) for (let i = 0; i < this.tailTerms.length; i++) terms = Math.max(terms, this.tailTerms.at(i) + 1);
    const starts = new Uint32Array(terms + 1);
    const each = (visit: (term: number, document: number, value: number) => void): void => {
      for (let term = 0; term + 1 < this.starts.length; term++) {
        const to = this.starts[term + 1] ?? 0;
        for (let i = this.starts[term] ?? 0; i < to; i++) {
          const document = this.documents[i] ?? 0;
          if (!isDeleted(document)) visit(term, document, this.values[i] ?? 0);
        }
      }
      for (let i = 0; i < this.tailTerms.length; i++) {
        const document = this.tailDocuments.at(i);
        if (!isDeleted(document)) visit(this.tailTerms.at(i), document, this.tailValues.at(i));
      }
    };
    let total = 0;
    each((term) => {
      starts[term + 1] = (starts[term + 1] ?? 0) + 1;
      total += 1;
    });
    for (let term = 0; term < terms; term++) starts[term + 1] = (starts[term + 1] ?? 0) + (starts[term] ?? 0);
    const next = starts.slice();
    const documents = new Uint32Array(bufferFor(total * 4), 0, total);
    const values = new Uint16Array(bufferFor(total * 2), 0, total);
    this.frequencies.values.fill(0);
    each((term, document, value) => {
      const at = next[term] ?? 0;
      documents[at] = document;
      values[at] = value;
      next[term] = at + 1;
      if (at === starts[term] || documents[at - 1] !== document) this.frequencies.set(term, this.frequencies.at(term) + 1);
    });
    this.starts = starts;
    this.documents = documents;
    this.values = values;
    this.heads.clear();
    for (const list of [this.tailTerms, this.tailDocuments, this.tailValues, this.tailPrevious]) list.clear();
    this.loading = false;
  }
}
