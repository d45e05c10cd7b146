import { z } from 'zod';
import { categoryValues, type Item } from '../domain/item.ts';
import { POSITION_BUCKETS } from './state/exposure.ts';
import { tastesSchema } from './tastes.ts';

/**
 * What a log of impressions says over all items: how often what is shown is acted upon, how much each place is looked at, the
 * rates of every category, and what tells tastes apart. `[shown, acted]` counts; acted is weighted by event type.
 */
export const listStatisticsSchema = z.object({
  shown: z.number().nonnegative(),
  acted: z.number().nonnegative(),
  /** Probability, by position bucket, that the place is looked at, 1 for the first. All ones where positions teach nothing. */
  examination: z.array(z.number().positive()).length(POSITION_BUCKETS),
  /** By field, by value. */
  categories: z.record(z.string(), z.record(z.string(), z.tuple([z.number(), z.number()]))),
  /** What the items tell of tastes: fitted anew now and then as the log grows. */
  tastes: tastesSchema,
});
export type ListStatistics = z.infer<typeof listStatisticsSchema>;

export const emptyStatistics = (categoryFields: readonly string[]): ListStatistics => ({
  shown: 0,
  acted: 0,
  examination: Array.from({ length: POSITION_BUCKETS }, () => 1),
  categories: Object.fromEntries(categoryFields.map((name) => [name, {}])),
  tastes: {},
});

/** Counts in place that an item was shown: the replay calls it after the list's rows were made. */
export function observeShown(statistics: ListStatistics, item: Item): void {
  statistics.shown += 1;
  for (const counts of categoryCounts(statistics, item)) counts[0] += 1;
}

/** Counts in place that a shown item was acted upon, with the event type's weight. */
export function observeActed(statistics: ListStatistics, item: Item, weight: number): void {
  statistics.acted += weight;
  for (const counts of categoryCounts(statistics, item)) counts[1] += weight;
}

function* categoryCounts(statistics: ListStatistics, item: Item): Generator<[number, number]> {
  for (const [name, table] of Object.entries(statistics.categories)) {
    for (const category of categoryValues(item.fields[name])) {
      let counts = Object.hasOwn(table, category) ? table[category] : undefined;
      if (counts === undefined) {
        counts = [0, 0];
        Object.defineProperty(table, category, { value: counts, enumerable: true, writable: true, configurable: true });
      }
      yield counts;
    }
  }
}

/** The rate at which what is shown is acted upon; .05 before anything was seen. */
export const baseRate = (statistics: ListStatistics): number => (statistics.acted + 1) / (statistics.shown + 20);

/**
 * Log of a rate against an expected one, shrunk towards it by `strength` imaginary showings: 0 where nothing is known.
 */
export const logLift = (acted: number, shown: number, expected: number, strength: number): number =>
  Math.log((acted + strength * expected) / ((shown + strength) * expected));
