import type { Random } from '../../src/domain/random.ts';
import { blend, dot, normal, randomDirection, type Vector } from './tastes.ts';

/** A simulated person. */
export interface Person {
  readonly id: string;
  /** Undefined where the service does not know it. */
  readonly age: number | undefined;
  readonly country: string;
  /** What they like, hidden from the service. */
  readonly taste: Vector;
  /** The communities they belong to; the first counts three times. */
  readonly communities: readonly number[];
  /** How many lists they will look at. */
  readonly lists: number;
  /** When they come for the first time, as a share of the whole span. */
  readonly start: number;
}

const COUNTRIES = ['US', 'US', 'US', 'GB', 'CA', 'DE', 'FR', 'IN', 'BR', 'JP'];

/** Groups of people with one taste, each around a film that stands for it. */
export interface Community {
  readonly taste: Vector;
  /** The films nearest to the taste, nearest first. */
  readonly films: readonly number[];
}

export function makeCommunities(
  count: number,
  films: readonly Vector[],
  appeal: readonly number[],
  random: Random,
): readonly Community[] {
  return Array.from({ length: count }, () => {
    const taste = films[Math.floor(random() * films.length)] ?? randomDirection(random);
    const scores = films.map((film, i) => dot(film, taste) + 0.15 * (appeal[i] ?? 0) + 0.1 * normal(random));
    const order = [...films.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
    return { taste, films: order.slice(0, 400) };
  });
}

/** Six in a hundred are under 13; of another ten in a hundred nobody knows the age. */
export function makePeople(count: number, communities: readonly Community[], random: Random): readonly Person[] {
  return Array.from({ length: count }, (_, i) => {
    const chance = random();
    const age = chance < 0.06 ? 6 + Math.floor(random() * 7) : chance < 0.16 ? undefined : 13 + Math.floor(random() ** 1.5 * 65);
    const pick = () => Math.floor(random() * communities.length);
    const [first, second] = [pick(), pick()];
    return {
      id: `person-${String(i + 1).padStart(4, '0')}`,
      age,
      country: COUNTRIES[Math.floor(random() * COUNTRIES.length)] ?? 'US',
      communities: [first, first, first, second],
      taste: blend([
        [1, communities[first]?.taste ?? randomDirection(random)],
        [0.5, communities[second]?.taste ?? randomDirection(random)],
        [0.15, randomDirection(random)],
      ]),
      lists: Math.max(3, Math.min(60, Math.round(Math.exp(2.7 + 0.6 * normal(random))))),
      start: random() * 0.6,
    };
  });
}
