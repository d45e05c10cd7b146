import { z } from 'zod';
import type { ItemId } from '../domain/item.ts';
import { tokenise } from '../text/tokenise.ts';

/** Letters at the start of a word that stand for all of it: a stemmer for any language. */
const STEM = 6;
/** Queries less alike than this say nothing of each other. */
const LEAST_ALIKE = 0.15;
/** Remembered queries that are asked, the most alike first. */
const MOST_ALIKE = 20;
/** Queries that are remembered; of more, the latest. */
const CAPACITY = 20_000;

/** What is remembered: by query, by item, how well it answered (0 to 1, or less where it was passed over). */
export const queryMemorySchema = z.record(z.string(), z.record(z.string(), z.number()));
export type QueryMemoryState = z.infer<typeof queryMemorySchema>;

/**
 * Which items answered which queries, by judgments or by what searchers took; asked about a query, it lends what it knows of
 * queries alike, by the cosine of their words with rarer words counting more.
 */
export class QueryMemory {
  readonly #answers = new Map<string, ReadonlyMap<ItemId, number>>();
  readonly #stems = new Map<string, ReadonlySet<string>>();
  readonly #queries = new Map<string, Set<string>>();

  constructor(state: QueryMemoryState = {}) {
    for (const [query, answers] of Object.entries(state)) this.learn(query, new Map(Object.entries(answers)));
  }

  /** Remembers a query's answers, in the place of those it had. */
  learn(text: string, answers: ReadonlyMap<ItemId, number>): void {
    const query = normalise(text);
    this.#forget(query);
    const [oldest] = this.#answers.size < CAPACITY ? [] : this.#answers.keys();
    if (oldest !== undefined) this.#forget(oldest);
    const stems = stemsOf(query);
    this.#answers.set(query, answers);
    this.#stems.set(query, stems);
    for (const stem of stems) {
      const queries = this.#queries.get(stem);
      if (queries === undefined) this.#queries.set(stem, new Set([query]));
      else queries.add(query);
    }
  }

  #forget(query: string): void {
    this.#answers.delete(query);
    for (const stem of this.#stems.get(query) ?? []) this.#queries.get(stem)?.delete(query);
    this.#stems.delete(query);
  }

  /**
   * Σ over the queries most alike of likeness² × how well the item answered them. Empty where none is alike. The very same query
   * is left out, so that one that is fitted is seen as a new one will be.
   */
  recall(text: string): Map<ItemId, number> {
    const recalled = new Map<ItemId, number>();
    const own = normalise(text);
    for (const [query, likeness] of this.#alike(stemsOf(text), own)) {
      for (const [item, gain] of this.#answers.get(query) ?? []) {
        recalled.set(item, (recalled.get(item) ?? 0) + likeness ** 2 * gain);
      }
    }
    return recalled;
  }

  state(): QueryMemoryState {
    return Object.fromEntries([...this.#answers].map(([query, answers]) => [query, Object.fromEntries(answers)]));
  }

  #alike(stems: ReadonlySet<string>, except: string): [query: string, likeness: number][] {
    const shared = new Map<string, number>();
    const known = new Map<string, number>();
    const weightOf = (stem: string): number => {
      const weight = known.get(stem) ?? this.#weight(stem);
      known.set(stem, weight);
      return weight;
    };
    const length = (of: ReadonlySet<string>): number => {
      let sum = 0;
      for (const stem of of) sum += weightOf(stem);
      return sum;
    };
    for (const stem of stems) {
      const weight = weightOf(stem);
      for (const query of this.#queries.get(stem) ?? []) shared.set(query, (shared.get(query) ?? 0) + weight);
    }
    const own = length(stems);
    return [...shared]
      .map(([query, sum]): [string, number] => [query, sum / Math.sqrt(own * length(this.#stems.get(query) ?? stems))])
      .filter(([query, likeness]) => query !== except && likeness >= LEAST_ALIKE)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, MOST_ALIKE);
  }

  /** Squared inverse frequency among the remembered queries. */
  #weight(stem: string): number {
    return Math.log(1 + (this.#answers.size + 1) / ((this.#queries.get(stem)?.size ?? 0) + 0.5)) ** 2;
  }
}

const normalise = (text: string): string =>
  tokenise(text)
    .map(({ word }) => word)
    .join(' ');

const stemsOf = (text: string): Set<string> => new Set(tokenise(text).map(({ word }) => word.slice(0, STEM)));
