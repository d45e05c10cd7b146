import { type Random, seededRandom } from '../../src/domain/random.ts';
import type { Film } from './films.ts';
import { makePeople, type Person } from './people.ts';
import { blend, dot, filmVectors, normal, quality, randomDirection, type Vector } from './tastes.ts';

/** A line of events.csv. */
export interface SimulatedEvent {
  readonly time: number;
  readonly user: string;
  readonly session: string;
  readonly item: string;
  readonly type: 'impression' | 'click' | 'purchase';
  readonly request: string;
  readonly position: number | undefined;
}

export interface Simulation {
  readonly people: readonly Person[];
  /** In order of time. */
  readonly events: readonly SimulatedEvent[];
}

export const SEED = 20260630;
const PEOPLE = 600;
const LIST_LENGTH = 10;
const DAY = 86_400_000;
const SPAN_DAYS = 180;
const END = Date.UTC(2026, 5, 30, 22);
/** Chance that a person looks at a place of the list at all. */
const examination = (position: number): number => position ** -0.6;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * People with hidden, drifting tastes look at lists that a simple recommender of the time made, and act on what they both
 * see and like. Nothing but the seed decides what happens.
 */
export function simulate(films: readonly Film[], seed: number = SEED): Simulation {
  const random = seededRandom(seed);
  const vectors = filmVectors(films, random);
  const people = makePeople(PEOPLE, vectors, random);
  const shop = createShop(films, vectors, random);
  const events: SimulatedEvent[] = [];
  for (const person of people) live(person, shop, events);
  // A stable sort: what one list causes stays in its order.
  return { people, events: events.sort((a, b) => a.time - b.time) };
}

interface Shop {
  readonly films: readonly Film[];
  readonly vectors: readonly Vector[];
  readonly quality: readonly number[];
  readonly random: Random;
  /** A film drawn in proportion to how well it is known. */
  popular(): number;
  /** Another film of the same genre. */
  likeness(film: number): number;
  /** Whether the film is in everyone's mouth in that week. */
  hot(film: number, time: number): boolean;
}

function createShop(films: readonly Film[], vectors: readonly Vector[], random: Random): Shop {
  const cumulative: number[] = [];
  let total = 0;
  for (const film of films) {
    total += Math.sqrt((film.votes ?? 0) + 20);
    cumulative.push(total);
  }
  const byGenre = new Map<string, number[]>();
  films.forEach((film, i) => {
    const list = byGenre.get(film.genre ?? '') ?? [];
    list.push(i);
    byGenre.set(film.genre ?? '', list);
  });
  const hotByWeek = Array.from(
    { length: Math.ceil(SPAN_DAYS / 7) + 1 },
    () => new Set(Array.from({ length: 12 }, () => Math.floor(random() * films.length))),
  );
  const pick = (list: readonly number[]): number => list[Math.floor(random() * list.length)] ?? 0;
  return {
    films,
    vectors,
    quality: films.map(quality),
    random,
    popular() {
      const target = random() * total;
      let low = 0;
      let high = cumulative.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((cumulative[middle] ?? 0) < target) low = middle + 1;
        else high = middle;
      }
      return low;
    },
    likeness: (film) => pick(byGenre.get(films[film]?.genre ?? '') ?? [film]),
    hot: (film, time) => hotByWeek[Math.floor((SPAN_DAYS - (END - time) / DAY) / 7)]?.has(film) ?? false,
  };
}

/** One person's whole time with the service. */
function live(person: Person, shop: Shop, events: SimulatedEvent[]): void {
  const { random, vectors } = shop;
  const times = Array.from({ length: person.lists }, () => END - SPAN_DAYS * DAY * (1 - person.start) * random()).sort(
    (a, b) => a - b,
  );
  const bought = new Set<number>();
  let taste = person.taste;
  let last: number | undefined;
  let session = 0;
  let sessionEnd = 0;
  times.forEach((visit, n) => {
    let time = Math.round(eveningOf(visit, random));
    if (time > sessionEnd) session++;
    const request = `${person.id}-list-${n + 1}`;
    const shown = makeList(person, taste, last, shop, time);
    const sessionId = `${person.id}-visit-${session}`;
    const add = (film: number, type: SimulatedEvent['type'], position?: number) => {
      const item = shop.films[film]?.id ?? '';
      events.push({ time, user: person.id, session: sessionId, item, type, request, position });
    };
    shown.forEach((film, i) => {
      add(film, 'impression', i + 1);
    });
    shown.forEach((film, i) => {
      if (random() > examination(i + 1)) return;
      const vector = vectors[film] ?? randomDirection(random);
      const near = last === undefined ? 0 : dot(vector, vectors[last] ?? vector);
      const liking =
        3.2 * dot(taste, vector) +
        1.2 * near +
        (shop.quality[film] ?? 0) +
        (shop.hot(film, time) ? 1.5 : 0) -
        (bought.has(film) ? 4 : 0);
      if (random() > sigmoid(liking - 1.6)) return;
      time += Math.round(5000 + random() * 60_000);
      add(film, 'click', i + 1);
      last = film;
      if (random() < 0.5 * sigmoid(liking - 2)) {
        time += Math.round(20_000 + random() * 120_000);
        add(film, 'purchase', i + 1);
        bought.add(film);
      }
      taste = blend([
        [1, taste],
        [0.04, vector],
        [0.03, randomDirection(random)],
      ]);
    });
    sessionEnd = time + DAY / 48;
  });
}

/** What the service of the time showed: known films, films like the last one, and a rough guess at the taste. */
function makeList(person: Person, taste: Vector, last: number | undefined, shop: Shop, time: number): readonly number[] {
  const { random, vectors } = shop;
  const guess = blend([
    [1, taste],
    [1.2, randomDirection(random)],
  ]);
  const scored = new Map<number, number>();
  for (let tries = 0; scored.size < LIST_LENGTH * 6 && tries < 1000; tries++) {
    const draw = random();
    const film =
      draw < 0.35
        ? shop.popular()
        : draw < 0.7 && last !== undefined
          ? shop.likeness(last)
          : Math.floor(random() * shop.films.length);
    if (!mayWatch(person, shop.films[film])) continue;
    const near = last === undefined ? 0 : dot(vectors[film] ?? guess, vectors[last] ?? guess);
    const hot = shop.hot(film, time) ? 0.5 : 0;
    scored.set(
      film,
      dot(guess, vectors[film] ?? guess) + 0.5 * near + 0.3 * (shop.quality[film] ?? 0) + hot + 0.6 * normal(random),
    );
  }
  return [...scored]
    .sort((a, b) => b[1] - a[1])
    .slice(0, LIST_LENGTH)
    .map(([film]) => film);
}

/** The demo's policy, so that nobody's history holds what they may not see. */
function mayWatch(person: Person, film: Film | undefined): boolean {
  if (person.age !== undefined && person.age >= 13) return true;
  return film?.rating !== undefined && film.rating !== 'R' && film.rating !== 'NC-17';
}

/** The same day at a time when people watch films: mostly between five and eleven. */
function eveningOf(time: number, random: Random): number {
  const midnight = Math.floor(time / DAY) * DAY;
  const hour = random() < 0.8 ? 17 + random() * 6 : 8 + random() * 9;
  return Math.min(END, midnight + (hour * DAY) / 24);
}
