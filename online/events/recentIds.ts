import { hash53 } from '../../src/loop/eventIds.ts';

/** So many events are remembered: two generations of half of them. */
const CAPACITY = 100_000;

interface Place {
  readonly offset: number;
  readonly at: number;
}

/**
 * Events that went through lately, so that a producer's retries stop here. Bounded by number and by the deduplication horizon;
 * what slips through is told apart by the updater, which remembers each actor's ids for the whole horizon.
 */
export class RecentIds {
  readonly #horizon: number;
  #young = new Map<number, Place>();
  #old = new Map<number, Place>();

  constructor(horizonMinutes: number) {
    this.#horizon = horizonMinutes * 60_000;
  }

  /**
   * Whether no earlier record had this name; from now on this one has it. A record that is delivered again, because its batch
   * was not committed, is at the same offset and so no repetition. One name is always in one partition, being part of its key.
   */
  add(name: string, { offset, appendedAt }: { readonly offset: number; readonly appendedAt: number }): boolean {
    const hash = hash53(name);
    const before = this.#young.get(hash) ?? this.#old.get(hash);
    if (before !== undefined && before.offset < offset && appendedAt - before.at <= this.#horizon) return false;
    if (this.#young.size >= CAPACITY / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(hash, { offset, at: appendedAt });
    return true;
  }
}
