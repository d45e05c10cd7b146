import { readFilms } from '../../../data/demo/films.ts';
import { makeCommunities, makePeople, type Person } from '../../../data/demo/people.ts';
import { dot, filmVectors, quality } from '../../../data/demo/tastes.ts';
import type { EnrichedEvent } from '../../../src/domain/event.ts';
import type { Item } from '../../../src/domain/item.ts';
import { type Random, seededRandom } from '../../../src/domain/random.ts';
import type { Shown } from './loopModel.ts';

/** Films, and people who look at lists from the top and take what they see and like. What they like is hidden from any model. */
export interface LoopWorld {
  readonly items: readonly Item[];
  readonly people: readonly Person[];
  /** Chance that this person takes this item once they look at it. */
  liking(person: number, item: number): number;
  /** A list is shown: what is logged of it. */
  visit(person: number, shown: readonly Shown[], at: number): EnrichedEvent[];
  /** Items this person is expected to take of a list, by its places. */
  expectedClicks(person: number, shown: readonly number[]): number;
}

export const LIST_LENGTH = 10;
const COMMUNITIES = 25;

/** Chance that a place, counted from 0, is looked at. */
export const examination = (place: number): number => (place + 1) ** -0.8;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export async function loopWorld(people: number, seed: number): Promise<LoopWorld> {
  const random = seededRandom(seed);
  const films = await readFilms();
  const vectors = filmVectors(films, random);
  const appeal = films.map(quality);
  const community = makeCommunities(COMMUNITIES, vectors, appeal, random);
  const persons = makePeople(people, community, random);
  const items = films.map(({ id, title, genre, creativeType, director, year, imdbRating, votes }): Item => {
    const known = { title, genre, creative_type: creativeType, director, year, imdb_rating: imdbRating, votes };
    return {
      id,
      fields: Object.fromEntries(Object.entries(known).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    };
  });
  const liking = (person: number, item: number): number =>
    sigmoid(6 * dot(persons[person]!.taste, vectors[item]!) + 0.5 * appeal[item]! - 3.2);
  let lists = 0;
  return {
    items,
    people: persons,
    liking,
    visit: (person, shown, at) =>
      visit({ person: persons[person]!.id, request: `r${lists++}`, shown, at, items }, (item) => liking(person, item), random),
    expectedClicks: (person, shown) => shown.reduce((sum, item, place) => sum + examination(place) * liking(person, item), 0),
  };
}

interface Visit {
  readonly person: string;
  readonly request: string;
  readonly shown: readonly Shown[];
  readonly at: number;
  readonly items: readonly Item[];
}

function visit({ person, request, shown, at, items }: Visit, liking: (item: number) => number, random: Random): EnrichedEvent[] {
  const list = shown.map(({ item, score }, place) => ({
    id: items[item]!.id,
    position: place + 1,
    ...(score === undefined ? {} : { score }),
  }));
  const scored = shown.some(({ score }) => score !== undefined);
  const served = { artifact: 'loop', ranker: scored ? 'first' : 'none', experiment: null };
  const events: EnrichedEvent[] = [
    {
      kind: 'impression',
      id: request,
      requestId: request,
      userId: person,
      occurredAt: at,
      route: 'recommend',
      items: list,
      served,
    },
  ];
  shown.forEach(({ item }, place) => {
    if (random() > examination(place) || random() > liking(item)) return;
    events.push({
      kind: 'action',
      id: `${request}-${place}`,
      type: 'click',
      itemId: items[item]!.id,
      userId: person,
      occurredAt: at + 1000 * (place + 1),
      requestId: request,
      position: place + 1,
    });
  });
  return events;
}
