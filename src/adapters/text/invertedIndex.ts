import type { Item } from '../../domain/item.ts';
import type { Analyser } from '../../text/analyser.ts';
import type { SearchField } from '../../text/itemText.ts';
import { valueText } from '../../text/itemText.ts';
import { tokenise } from '../../text/tokenise.ts';
import { Documents } from './documents.ts';
import { addGrams } from './grams.ts';
import { GrowableUint16 } from './growable.ts';
import { Postings } from './postings.ts';
import { GAP, TermIds, Vocabulary } from './vocabulary.ts';

/** Fields are numbered in five bits of a posting, counts in the other eleven. */
export const MOST_FIELDS = 32;
export const COUNT_BITS = 11;
export const MOST_COUNT = (1 << COUNT_BITS) - 1;
/** Live changes wait unpacked until they are this many and this share of what is packed; a whole catalogue is packed at its end. */
const MERGE_AT = 200_000;
const MERGE_SHARE = 0.1;

/** `16 GB` is also `16gb`: a number and what may be its unit. */
const NUMBER = /^\d[\d.]*$/;
const UNIT = /^\p{L}{1,3}$/u;

/** Everything the scorers read: words, postings of stems by field, documents, and the postings of character 4-grams. */
export class InvertedIndex {
  readonly fields: readonly SearchField[];
  readonly terms = new TermIds();
  readonly vocabulary: Vocabulary;
  readonly postings = new Postings(2);
  readonly grams = new Postings(1);
  /** Character 4-grams of a document. */
  readonly gramLengths = new GrowableUint16();
  readonly documents: Documents;
  /** Mean of `gramLengths`, over all documents ever added. */
  gramSum = 0;
  private readonly languageOf: readonly number[];
  private loading = true;

  constructor(fields: readonly SearchField[], analyserOf: (field: SearchField) => Analyser) {
    this.fields = fields;
    const analysers: Analyser[] = [];
    this.languageOf = fields.map((field) => {
      const analyser = analyserOf(field);
      const known = analysers.findIndex(({ language }) => language === analyser.language);
      return known >= 0 ? known : analysers.push(analyser) - 1;
    });
    this.vocabulary = new Vocabulary(analysers, this.terms);
    this.documents = new Documents(fields.length);
  }

  add(item: Item, ordinal: number): void {
    this.documents.remove(ordinal, this.vocabulary);
    const texts = this.fields.map(({ name }) => valueText(item.fields[name]));
    const fields: number[][] = [];
    const counts: Map<number, number>[] = [];
    texts.forEach((text, field) => {
      const { words, terms } = this.read(text, this.languageOf[field] ?? 0);
      fields.push(words);
      counts.push(terms);
    });
    const document = this.documents.add(ordinal, fields, this.vocabulary);
    // One term's fields of a document must follow each other in its postings, and do: fields come in order.
    counts.forEach((terms, field) => {
      for (const [term, count] of terms) this.postings.add(term, document, (field << COUNT_BITS) | Math.min(count, MOST_COUNT));
    });
    const length = addGrams(this.grams, document, texts);
    this.gramLengths.push(length);
    this.gramSum += length;
    this.packWhenDue();
  }

  /** @param ordinal the item's row in the catalogue */
  remove(ordinal: number): void {
    this.documents.remove(ordinal, this.vocabulary);
  }

  /** Packs what came since the last time. From the first time on, changes are few. */
  pack(): void {
    this.loading = false;
    this.postings.merge(this.documents.isGone);
    this.grams.merge(this.documents.isGone);
    this.vocabulary.sort();
  }

  private packWhenDue(): void {
    if (!this.loading && this.grams.tailLength > Math.max(MERGE_AT, this.grams.baseLength * MERGE_SHARE)) this.pack();
  }

  /** Words in order, and how often each term is there; parts that are written together also count as one word. */
  private read(text: string, language: number): { words: number[]; terms: Map<number, number> } {
    const words: number[] = [];
    const terms = new Map<number, number>();
    const count = (word: number): void => {
      const term = this.vocabulary.term(word);
      terms.set(term, (terms.get(term) ?? 0) + 1);
    };
    for (const [i, value] of text.split(' | ').entries()) {
      if (i > 0) words.push(GAP);
      let compound = '';
      for (const token of tokenise(value)) {
        const word = this.vocabulary.add(token.word, language);
        words.push(word);
        count(word);
        const continues = token.joined || (NUMBER.test(compound) && UNIT.test(token.word));
        compound = continues ? compound + token.word : token.word;
        if (continues) count(this.vocabulary.add(compound, language));
      }
    }
    return { words, terms };
  }
}
