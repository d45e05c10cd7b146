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
/** Items of a query that are counted; of more, those looked at most. */
const MOST_ITEMS = 200;
/** Looks at one query's items after which all its counts are halved, so that what searchers take now outweighs the past. */
const MOST_LOOKS = 1000;
/** Imaginary looks that nobody took anything at, when a rate stands for an answer. */
const DOUBT = 5;

/** What is remembered of each query, the latest last: judged answers from 0 to 1, and of each item looks and takes. */
export const queryMemorySchema = z.array(
  z.object({
    query: z.string(),
    answers: z.array(z.tuple([z.string(), z.number()])),
    clicks: z.array(z.tuple([z.string(), z.number(), z.number()])),
  }),
);
export type QueryMemoryState = z.infer<typeof queryMemorySchema>;

/** How often an item was probably looked at among a query's answers, and how often it was taken. */
export interface Clicks {
  readonly looked: number;
  readonly taken: number;
}

const NONE: Clicks = { looked: 0, taken: 0 };

interface Remembered {
  readonly stems: ReadonlySet<string>;
  answers: ReadonlyMap<ItemId, number>;
  readonly clicks: Map<ItemId, Clicks>;
}

/**
 * Which items answered which queries, by judgments and by what searchers took; asked about a query, it lends what it knows of
 * queries alike, by the cosine of their words with rarer words counting more.
 */
export class QueryMemory {
  readonly #remembered = new Map<string, Remembered>();
  readonly #queries = new Map<string, Set<string>>();
  readonly #byItem = new Map<ItemId, Clicks>();
  readonly #all = { looked: 0, taken: 0 };

  constructor(state: QueryMemoryState = []) {
    for (const { query, answers, clicks } of state) {
      if (answers.length > 0) this.learn(query, new Map(answers));
      for (const [item, looked, taken] of clicks) this.count(query, item, { looked, taken });
    }
  }

  /** Remembers a query's judged answers, in the place of those it had. */
  learn(text: string, answers: ReadonlyMap<ItemId, number>): void {
    this.#latest(normalise(text)).answers = answers;
  }

  /** Adds to how often an item was looked at and taken among the query's answers. */
  count(text: string, item: ItemId, { looked, taken }: Clicks): void {
    const { clicks } = this.#latest(normalise(text));
    this.#add(clicks, item, { looked, taken }, 1);
    if (lookedAt(clicks) > MOST_LOOKS) for (const [id, own] of clicks) this.#add(clicks, id, own, -0.5);
    if (clicks.size <= MOST_ITEMS) return;
    const [least, own] = [...clicks].reduce((a, b) => (b[1].looked < a[1].looked ? b : a));
    this.#add(clicks, least, own, -1);
    clicks.delete(least);
  }

  /** Changes an item's counts by a multiple of others, and those of all queries with them. */
  #add(clicks: Map<ItemId, Clicks>, item: ItemId, { looked, taken }: Clicks, times: number): void {
    for (const counts of [clicks, this.#byItem]) {
      const known = counts.get(item) ?? NONE;
      counts.set(item, { looked: known.looked + times * looked, taken: known.taken + times * taken });
    }
    this.#all.looked += times * looked;
    this.#all.taken += times * taken;
  }

  /** What became of each item among the answers to this very query. */
  clicksOf(text: string): ReadonlyMap<ItemId, Clicks> | undefined {
    return this.#remembered.get(normalise(text))?.clicks;
  }

  /** What became of an item among the answers to all queries. */
  clicksOn(item: ItemId): Clicks {
    return this.#byItem.get(item) ?? NONE;
  }

  /** How often what is looked at is taken, over all queries. */
  get rate(): number {
    return (this.#all.taken + 1) / (this.#all.looked + 10);
  }

  /**
   * Σ over the queries most alike of likeness² × how well the item answered them. Empty where none is alike. The very same query
   * is left out, so that one that is fitted is seen as a new one will be.
   */
  recall(text: string): Map<ItemId, number> {
    const recalled = new Map<ItemId, number>();
    for (const [query, likeness] of this.#alike(stemsOf(text), normalise(text))) {
      for (const [item, gain] of answersOf(this.#remembered.get(query))) {
        recalled.set(item, (recalled.get(item) ?? 0) + likeness ** 2 * gain);
      }
    }
    return recalled;
  }

  state(): QueryMemoryState {
    return [...this.#remembered].map(([query, { answers, clicks }]) => ({
      query,
      answers: [...answers],
      clicks: [...clicks].map(([item, { looked, taken }]): [string, number, number] => [item, looked, taken]),
    }));
  }

  /** The query's entry, made where there is none, as the latest. */
  #latest(query: string): Remembered {
    const known = this.#remembered.get(query);
    if (known !== undefined) {
      this.#remembered.delete(query);
      this.#remembered.set(query, known);
      return known;
    }
    const [oldest] = this.#remembered.size < CAPACITY ? [] : this.#remembered.keys();
    if (oldest !== undefined) this.#forget(oldest);
    const fresh: Remembered = { stems: stemsOf(query), answers: new Map(), clicks: new Map() };
    this.#remembered.set(query, fresh);
    for (const stem of fresh.stems) {
      const queries = this.#queries.get(stem);
      if (queries === undefined) this.#queries.set(stem, new Set([query]));
      else queries.add(query);
    }
    return fresh;
  }

  #forget(query: string): void {
    const clicks = this.#remembered.get(query)?.clicks ?? new Map<ItemId, Clicks>();
    for (const [item, own] of clicks) this.#add(clicks, item, own, -1);
    for (const stem of this.#remembered.get(query)?.stems ?? []) {
      const queries = this.#queries.get(stem);
      queries?.delete(query);
      if (queries?.size === 0) this.#queries.delete(stem);
    }
    this.#remembered.delete(query);
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
      .map(([query, sum]): [string, number] => [
        query,
        sum / Math.sqrt(own * length(this.#remembered.get(query)?.stems ?? stems)),
      ])
      .filter(([query, likeness]) => query !== except && likeness >= LEAST_ALIKE)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, MOST_ALIKE);
  }

  /** Squared inverse frequency among the remembered queries. */
  #weight(stem: string): number {
    return Math.log(1 + (this.#remembered.size + 1) / ((this.#queries.get(stem)?.size ?? 0) + 0.5)) ** 2;
  }
}

/** How well items answer a query: as judged, or else by the rate at which they were taken. */
function* answersOf(remembered: Remembered | undefined): Generator<[ItemId, number]> {
  if (remembered === undefined) return;
  const { answers, clicks } = remembered;
  yield* answers;
  for (const [item, { looked, taken }] of clicks) if (taken > 0 && !answers.has(item)) yield [item, taken / (looked + DOUBT)];
}

function lookedAt(clicks: ReadonlyMap<ItemId, Clicks>): number {
  let sum = 0;
  for (const { looked } of clicks.values()) sum += looked;
  return sum;
}

const normalise = (text: string): string =>
  tokenise(text)
    .map(({ word }) => word)
    .join(' ');

const stemsOf = (text: string): Set<string> => new Set(tokenise(text).map(({ word }) => word.slice(0, STEM)));
