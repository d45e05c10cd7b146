import { z } from 'zod';
import { seededRandom } from '../domain/random.ts';
import { Ridge } from './ridge.ts';

/** Dimensions of a taste. */
export const TASTE_DIMENSIONS = 12;
/** With how readily somebody acts at all; what goes with it in an item is 1. */
const WIDTH = TASTE_DIMENSIONS + 1;
/** How firmly tastes and places are held at zero, in showings. */
const HELD = 10;
/** Imaginary showings at the base rate in an item's own rate. */
const RATE_STRENGTH = 10;
const ROUNDS = 8;

/** By item: its place among the tastes, then the rate at which it is acted upon when shown. */
export const tastesSchema = z.record(z.string(), z.array(z.number()).length(WIDTH));
export type Tastes = z.infer<typeof tastesSchema>;

/** An item that somebody was shown, and whether they acted upon it. */
export interface Verdict {
  readonly item: string;
  readonly acted: boolean;
}

/**
 * Fits `rate of the item + readiness of the person + taste · place` to what people did with what they were shown, by alternating
 * least squares with ridge (Koren, Bell and Volinsky 2009): what was passed over tells as much as what was taken.
 */
export function fitTastes(people: readonly (readonly Verdict[])[]): Tastes {
  const { rates, byItem, byPerson } = indexed(people);
  const random = seededRandom(1);
  const places = new Float64Array(rates.size * WIDTH);
  for (let at = 0; at < places.length; at++) places[at] = at % WIDTH === TASTE_DIMENSIONS ? 1 : 0.6 * (random() - 0.5);
  const tastes = new Float64Array(people.length * WIDTH);
  const personal = new Ridge(WIDTH);
  const itemwise = new Ridge(TASTE_DIMENSIONS);
  for (let round = 0; round < ROUNDS; round++) {
    byPerson.forEach((own, person) => {
      personal.reset();
      for (const { at, rest } of own) personal.add(places, at * WIDTH, rest);
      tastes.set(personal.solve(HELD), person * WIDTH);
    });
    byItem.forEach((own, item) => {
      itemwise.reset();
      for (const { at, rest } of own) itemwise.add(tastes, at * WIDTH, rest - tastes[at * WIDTH + TASTE_DIMENSIONS]!);
      places.set(itemwise.solve(HELD), item * WIDTH);
    });
  }
  const short = (value: number): number => Math.round(value * 1e5) / 1e5;
  return Object.fromEntries(
    [...rates].map(([item, rate], i) => [item, [...places.subarray(i * WIDTH, (i + 1) * WIDTH - 1), rate].map(short)]),
  );
}

/**
 * The taste that verdicts tell of, in the space of the items' places: `undefined` where they are about no item that has one.
 * `taste · place` is by how much more, or less, somebody acts upon an item than people do.
 */
export function tasteOf(tastes: Tastes, verdicts: Iterable<Verdict>): Float64Array | undefined {
  const personal = new Ridge(WIDTH);
  const row = new Float64Array(WIDTH);
  let known = 0;
  for (const { item, acted } of verdicts) {
    const entry = Object.hasOwn(tastes, item) ? tastes[item] : undefined;
    if (entry === undefined) continue;
    row.set(entry);
    row[TASTE_DIMENSIONS] = 1;
    personal.add(row, 0, (acted ? 1 : 0) - entry[TASTE_DIMENSIONS]!);
    known++;
  }
  return known === 0 ? undefined : personal.solve(HELD);
}

/** What is left of a verdict, 1 or 0, beyond the item's own rate; `at` is the other side's row: the item's, or the person's. */
interface Rest {
  readonly at: number;
  readonly rest: number;
}

function indexed(people: readonly (readonly Verdict[])[]) {
  const counts = new Map<string, { readonly at: number; shown: number; acted: number }>();
  let [shown, acted] = [0, 0];
  for (const verdicts of people) {
    for (const verdict of verdicts) {
      const own = counts.get(verdict.item) ?? { at: counts.size, shown: 0, acted: 0 };
      counts.set(verdict.item, own);
      own.shown++;
      shown++;
      if (!verdict.acted) continue;
      own.acted++;
      acted++;
    }
  }
  const base = acted / Math.max(1, shown);
  const rates = new Map(
    [...counts].map(([item, own]) => [item, (own.acted + RATE_STRENGTH * base) / (own.shown + RATE_STRENGTH)]),
  );
  const byItem = Array.from(counts, (): Rest[] => []);
  const byPerson = people.map((verdicts, person) =>
    verdicts.map(({ item, acted: did }): Rest => {
      const { at } = counts.get(item)!;
      const rest = (did ? 1 : 0) - rates.get(item)!;
      byItem[at]!.push({ at: person, rest });
      return { at, rest };
    }),
  );
  return { rates, byItem, byPerson };
}
