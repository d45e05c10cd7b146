import type { Analyser } from '../../text/analyser.ts';
import { allowedEdits, bitCount, editDistance, letterMask } from '../../text/distance.ts';
import { GrowableUint8, GrowableUint32 } from './growable.ts';

/** Not a word: the gap between two values of a list, so that no phrase spans them. */
export const GAP = 0;

export interface NearWord {
  readonly id: number;
  readonly distance: number;
}

/** Stands after every letter that a word may have. */
const LAST = '\uffff';
/** New words that are looked through one by one before the sorted list is made again. */
const UNSORTED = 4096;

/**
 * The words of a catalogue as they are written (folded), with their stems' terms and in how many documents they are. A word
 * that several languages' fields have is an entry for each language; stems are shared, so that a name is one term in all.
 */
export class Vocabulary {
  private readonly analysers: readonly Analyser[];
  private readonly terms: TermIds;
  private readonly byLanguage: readonly Map<string, number>[];
  private readonly texts: string[] = [''];
  private readonly termOf = new GrowableUint32();
  private readonly counts = new GrowableUint32();
  private readonly masks = new GrowableUint32();
  private readonly stops = new GrowableUint8();
  private sorted: Uint32Array = new Uint32Array(0);

  constructor(analysers: readonly Analyser[], terms: TermIds) {
    this.analysers = analysers;
    this.terms = terms;
    this.byLanguage = analysers.map(() => new Map<string, number>());
    for (const list of [this.termOf, this.counts, this.masks, this.stops]) list.push(0);
  }

  /** Entries, those included whose documents are gone. */
  get size(): number {
    return this.texts.length - 1;
  }

  /** @returns the word's id in that language, from 1 */
  add(word: string, language: number): number {
    const ids = this.byLanguage[language];
    const analyser = this.analysers[language];
    if (ids === undefined || analyser === undefined) throw new RangeError(`no language ${language}`);
    const known = ids.get(word);
    if (known !== undefined) return known;
    const id = this.texts.length;
    ids.set(word, id);
    this.texts.push(word);
    this.termOf.push(this.terms.add(analyser.stem(word)));
    this.counts.push(0);
    this.masks.push(letterMask(word));
    this.stops.push(analyser.isStopWord(word) ? 1 : 0);
    return id;
  }

  /** A document with the word came (1) or went (-1). */
  count(id: number, change: 1 | -1): void {
    this.counts.set(id, Math.max(0, this.counts.at(id) + change));
  }

  /** The word's entries that documents have. */
  ids(word: string): number[] {
    return this.byLanguage.flatMap((ids) => {
      const id = ids.get(word);
      return id !== undefined && this.counts.at(id) > 0 ? [id] : [];
    });
  }

  /** Terms that the word's stems are, in any of the languages, if documents have them. */
  termsOf(word: string): number[] {
    return [...new Set(this.analysers.flatMap((analyser) => this.terms.get(analyser.stem(word)) ?? []))];
  }

  isStopWord = (word: string): boolean => this.analysers.some((analyser) => analyser.isStopWord(word));
  isStop = (id: number): boolean => this.stops.at(id) === 1;
  text = (id: number): string => this.texts[id] ?? '';
  term = (id: number): number => this.termOf.at(id);
  /** Documents that have the word in this very form. */
  frequency = (id: number): number => this.counts.at(id);

  /** Words that are there and at most `most` edits away, the word itself left out. */
  near(word: string, most: number): NearWord[] {
    const found: NearWord[] = [];
    const mask = letterMask(word);
    const masks = this.masks.values;
    for (let id = 1; id < this.texts.length; id++) {
      if (bitCount((masks[id] ?? 0) ^ mask) > 2 * most) continue;
      const text = this.texts[id] ?? '';
      if (Math.abs(text.length - word.length) > most || this.counts.at(id) === 0 || text === word) continue;
      const distance = editDistance(word, text, most);
      if (distance <= most) found.push({ id, distance });
    }
    return found;
  }

  /** Words that begin so, at most `limit`, those of most documents first. */
  startingWith(prefix: string, limit: number): number[] {
    if (this.size - this.sorted.length > UNSORTED) this.sort();
    const best: number[] = [];
    // Of the thousands that begin with a letter few are wanted: kept in order, most frequent first.
    const offer = (id: number): void => {
      const frequency = this.frequency(id);
      if (frequency === 0 || (best.length === limit && frequency <= this.frequency(best[limit - 1] ?? 0))) return;
      let at = best.length;
      while (at > 0 && this.frequency(best[at - 1] ?? 0) < frequency) at -= 1;
      best.splice(at, 0, id);
      if (best.length > limit) best.pop();
    };
    const to = this.placeOf(prefix + LAST);
    for (let place = this.placeOf(prefix); place < to; place++) offer(this.sorted[place] ?? 0);
    for (let id = this.sorted.length + 1; id < this.texts.length; id++) if (this.text(id).startsWith(prefix)) offer(id);
    return best;
  }

  /**
   * Beginnings that words have and that are one slip away from one that none has, its first letter kept or swapped with the
   * second. Of less than four letters only swaps are forgiven. Words of the last few changes may be left out.
   */
  beginningsNear(typed: string): string[] {
    const found = new Set<string>();
    const offer = (beginning: string): void => {
      if (this.isBeginning(beginning)) found.add(beginning);
    };
    for (let at = 0; at + 1 < typed.length; at++)
      offer(typed.slice(0, at) + typed.charAt(at + 1) + typed.charAt(at) + typed.slice(at + 2));
    for (let at = 1; at < typed.length && allowedEdits(typed.length) > 0; at++) {
      const before = typed.slice(0, at);
      offer(before + typed.slice(at + 1));
      for (const letter of this.lettersAfter(before)) {
        offer(before + letter + typed.slice(at + 1));
        offer(before + letter + typed.slice(at));
      }
    }
    return [...found];
  }

  /** Whether a word begins so. */
  isBeginning = (prefix: string): boolean => this.placeOf(prefix) < this.placeOf(prefix + LAST);

  /** The letters that follow a beginning in some word. */
  private lettersAfter(prefix: string): string[] {
    const letters: string[] = [];
    const end = this.placeOf(prefix + LAST);
    for (let place = this.placeOf(prefix); place < end; ) {
      const letter = this.text(this.sorted[place] ?? 0).charAt(prefix.length);
      if (letter !== '') letters.push(letter);
      place = letter === '' ? place + 1 : this.placeOf(prefix + letter + LAST);
    }
    return letters;
  }

  /** Where in the sorted list a text stands or would stand. */
  private placeOf(text: string): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.text(this.sorted[middle] ?? 0) < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Makes prefixes quick to find; done by itself after many new words. */
  sort(): void {
    const ids = Array.from({ length: this.size }, (_, i) => i + 1);
    ids.sort((a, b) => (this.text(a) < this.text(b) ? -1 : 1));
    this.sorted = Uint32Array.from(ids);
  }
}

/** Stems as numbers from 0. */
export class TermIds {
  private readonly ids = new Map<string, number>();
  private readonly texts: string[] = [];

  get size(): number {
    return this.texts.length;
  }

  add(stem: string): number {
    const known = this.ids.get(stem);
    if (known !== undefined) return known;
    this.ids.set(stem, this.texts.length);
    return this.texts.push(stem) - 1;
  }

  get(stem: string): number | undefined {
    return this.ids.get(stem);
  }

  text = (id: number): string => this.texts[id] ?? '';
}
