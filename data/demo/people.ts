import type { Random } from '../../src/domain/random.ts';
import { blend, normal, randomDirection, type Vector } from './tastes.ts';

/** A simulated person. */
export interface Person {
  readonly id: string;
  /** Undefined where the service does not know it. */
  readonly age: number | undefined;
  readonly country: string;
  /** What they like, hidden from the service. */
  readonly taste: Vector;
  /** How many lists they will look at. */
  readonly lists: number;
  /** When they come for the first time, as a share of the whole span. */
  readonly start: number;
}

const COUNTRIES = ['US', 'US', 'US', 'GB', 'CA', 'DE', 'FR', 'IN', 'BR', 'JP'];

/** Six in a hundred are under 13; of another ten in a hundred nobody knows the age. */
export function makePeople(count: number, films: readonly Vector[], random: Random): readonly Person[] {
  return Array.from({ length: count }, (_, i) => {
    const chance = random();
    const age = chance < 0.06 ? 6 + Math.floor(random() * 7) : chance < 0.16 ? undefined : 13 + Math.floor(random() ** 1.5 * 65);
    const favourite = () => films[Math.floor(random() * films.length)] ?? randomDirection(random);
    return {
      id: `person-${String(i + 1).padStart(4, '0')}`,
      age,
      country: COUNTRIES[Math.floor(random() * COUNTRIES.length)] ?? 'US',
      taste: blend([
        [1, favourite()],
        [0.8, favourite()],
        [0.3, randomDirection(random)],
      ]),
      lists: Math.max(2, Math.min(80, Math.round(Math.exp(2.1 + 0.8 * normal(random))))),
      start: random() * 0.6,
    };
  });
}
