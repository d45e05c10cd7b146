import { type Random, seededRandom } from '../../src/domain/random.ts';
import type { Film } from './films.ts';
import { type Community, makeCommunities, makePeople, type Person } from './people.ts';
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
const PEOPLE = 400;
const COMMUNITIES = 25;
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
  const world = createWorld(films, vectors, random);
  const people = makePeople(PEOPLE, world.communities, random);
  const events: SimulatedEvent[] = [];
  for (const person of people) live(person, world, events);
  // A stable sort: what one list causes stays in its order.
  return { people, events: events.sort((a, b) => a.time - b.time) };
}

interface World {
  readonly films: readonly Film[];
  readonly vectors: readonly Vector[];
  readonly appeal: readonly number[];
  readonly communities: readonly Community[];
  readonly random: Random;
  /** A film drawn in proportion to how well it is known. */
  popular(): number;
  /** The films that people go on to from this one: the nearest of its genre. */
  next(film: number): readonly number[];
  /** Whether the film is in everyone's mouth in that week. */
  hot(film: number, time: number): boolean;
}

function createWorld(films: readonly Film[], vectors: readonly Vector[], random: Random): World {
  const appeal = films.map(quality);
  const hotByWeek = Array.from(
    { length: Math.ceil(SPAN_DAYS / 7) + 1 },
    () => new Set(Array.from({ length: 12 }, () => Math.floor(random() * films.length))),
  );
  return {
    films,
    vectors,
    appeal,
    random,
    communities: makeCommunities(COMMUNITIES, vectors, appeal, random),
    popular: drawByFame(films, random),
    next: nearestOfGenre(films, vectors),
    hot: (film, time) => hotByWeek[Math.floor((SPAN_DAYS - (END - time) / DAY) / 7)]?.has(film) ?? false,
  };
}

function drawByFame(films: readonly Film[], random: Random): () => number {
  const cumulative: number[] = [];
  let total = 0;
  for (const film of films) {
    total += Math.sqrt((film.votes ?? 0) + 20);
    cumulative.push(total);
  }
  return () => {
    const target = random() * total;
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] ?? 0) < target) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const FOLLOWERS = 4;

function nearestOfGenre(films: readonly Film[], vectors: readonly Vector[]): (film: number) => readonly number[] {
  const byGenre = new Map<string, number[]>();
  films.forEach(({ genre = '' }, i) => {
    const list = byGenre.get(genre);
    if (list === undefined) byGenre.set(genre, [i]);
    else list.push(i);
  });
  const known = new Map<number, readonly number[]>();
  return (film) => {
    const ready = known.get(film);
    if (ready !== undefined) return ready;
    const vector = vectors[film];
    const others = (byGenre.get(films[film]?.genre ?? '') ?? []).filter((other) => other !== film);
    const near = vector === undefined ? [] : others.map((other) => ({ other, score: dot(vector, vectors[other] ?? vector) }));
    const nearest = near
      .sort((a, b) => b.score - a.score)
      .slice(0, FOLLOWERS)
      .map(({ other }) => other);
    known.set(film, nearest);
    return nearest;
  };
}

/** One person's whole time with the service. */
function live(person: Person, world: World, events: SimulatedEvent[]): void {
  const { random, vectors } = world;
  const times = Array.from({ length: person.lists }, () => END - SPAN_DAYS * DAY * (1 - person.start) * random());
  const seen = new Set<number>();
  let taste = person.taste;
  let last: number | undefined;
  let session = 0;
  let sessionEnd = 0;
  for (const [n, visit] of times.sort((a, b) => a - b).entries()) {
    let time = Math.max(Math.round(eveningOf(visit, random)), sessionEnd - DAY / 48);
    if (time > sessionEnd) session++;
    const request = `${person.id}-list-${n + 1}`;
    const shown = makeList(person, taste, last, seen, world, time);
    const sessionId = `${person.id}-visit-${session}`;
    const add = (film: number, type: SimulatedEvent['type'], position: number) => {
      const item = world.films[film]?.id ?? '';
      events.push({ time, user: person.id, session: sessionId, item, type, request, position });
    };
    shown.forEach((film, i) => {
      add(film, 'impression', i + 1);
    });
    for (const [i, film] of shown.entries()) {
      if (random() > examination(i + 1)) continue;
      const vector = vectors[film] ?? taste;
      const follows = last !== undefined && world.next(last).includes(film);
      const liking =
        6 * dot(taste, vector) + 0.5 * (world.appeal[film] ?? 0) + (follows ? 2.5 : 0) + (world.hot(film, time) ? 1.5 : 0);
      if (random() > sigmoid(liking - 3.2)) continue;
      time += Math.round(5000 + random() * 60_000);
      add(film, 'click', i + 1);
      if (random() < 0.4 * sigmoid(liking - 4)) {
        time += Math.round(20_000 + random() * 120_000);
        add(film, 'purchase', i + 1);
      }
      last = film;
      seen.add(film);
      taste = blend([
        [1, taste],
        [0.03, vector],
        [0.02, randomDirection(random)],
      ]);
    }
    sessionEnd = time + DAY / 48;
  }
}

/**
 * What the service of the time showed: films that others of the person's communities like, films that follow the last one,
 * known ones, and some at random; nothing acted upon before. Half of the lists are ordered by a rough guess at the taste,
 * half by chance, so that what a place is worth can be told apart from what stands there.
 */
function makeList(
  person: Person,
  taste: Vector,
  last: number | undefined,
  seen: ReadonlySet<number>,
  world: World,
  time: number,
): readonly number[] {
  const { random, vectors } = world;
  const chosen = new Set<number>();
  const offer = (film: number | undefined) => {
    if (film !== undefined && chosen.size < LIST_LENGTH && !seen.has(film) && mayWatch(person, world.films[film]))
      chosen.add(film);
  };
  if (last !== undefined) for (const film of world.next(last)) if (random() < 0.6) offer(film);
  for (let tries = 0; chosen.size < LIST_LENGTH && tries < 300; tries++) {
    const draw = random();
    if (draw < 0.65) {
      const community = world.communities[person.communities[Math.floor(random() * person.communities.length)] ?? 0];
      offer(community?.films[Math.floor(-Math.log(1 - random()) * 45)]);
    } else if (draw < 0.85) offer(world.popular());
    else offer(Math.floor(random() * world.films.length));
  }
  const byChance = random() < 0.5;
  const score = (film: number) =>
    byChance ? random() : dot(taste, vectors[film] ?? taste) + (world.hot(film, time) ? 0.3 : 0) + 0.4 * normal(random);
  return [...chosen]
    .map((film) => ({ film, score: score(film) }))
    .sort((a, b) => b.score - a.score)
    .map(({ film }) => film);
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
