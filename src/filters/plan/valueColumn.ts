import type { Bitset } from '../bitset.ts';

interface Posting {
  /** Rows that had the value when they were added. */
  readonly rows: number[];
  /** Those among them that no longer have it. */
  readonly gone: Set<number>;
}

/** Inverted lists: which rows have which value of a category, a list of categories, or a boolean. */
export class ValueColumn {
  readonly #postings = new Map<string, Posting>();

  /** Moves a row from its old values to its new ones. */
  update(row: number, before: readonly string[], after: readonly string[]): void {
    // A value that a list has twice counts where it first stands.
    before.forEach((value, i) => {
      if (!after.includes(value) && before.indexOf(value) === i) this.#drop(value, row);
    });
    after.forEach((value, i) => {
      if (!before.includes(value) && after.indexOf(value) === i) this.#add(value, row);
    });
  }

  #add(value: string, row: number): void {
    const posting = this.#postings.get(value);
    if (!posting) this.#postings.set(value, { rows: [row], gone: new Set() });
    else if (!posting.gone.delete(row)) posting.rows.push(row);
  }

  #drop(value: string, row: number): void {
    const posting = this.#postings.get(value);
    if (!posting) return;
    posting.gone.add(row);
    if (posting.gone.size === posting.rows.length) this.#postings.delete(value);
    else if (posting.gone.size * 2 > posting.rows.length) {
      const kept = posting.rows.filter((one) => !posting.gone.has(one));
      this.#postings.set(value, { rows: kept, gone: new Set() });
    }
  }

  get distinct(): number {
    return this.#postings.size;
  }

  values(): Iterable<string> {
    return this.#postings.keys();
  }

  /** Adds the rows that have the value. */
  fill(value: string, into: Bitset): void {
    const posting = this.#postings.get(value);
    if (!posting) return;
    const { rows, gone } = posting;
    if (gone.size === 0) for (let i = 0; i < rows.length; i++) into.add(rows[i] ?? 0);
    else for (const row of rows) if (!gone.has(row)) into.add(row);
  }
}
