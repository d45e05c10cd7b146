import type { Random } from '../../src/domain/random.ts';
import type { Film } from './films.ts';

/** Dimensions of the hidden space in which people's tastes and films meet. */
export const DIMENSIONS = 12;
export type Vector = Float64Array;

/** A standard normal number (Box and Muller, 1958). */
export const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

export const dot = (a: Vector, b: Vector): number => {
  let sum = 0;
  for (let i = 0; i < DIMENSIONS; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
};

/** The weighted sum of vectors, brought to length 1. */
export function blend(parts: readonly (readonly [number, Vector])[]): Vector {
  const sum = new Float64Array(DIMENSIONS);
  for (const [weight, vector] of parts) for (let i = 0; i < DIMENSIONS; i++) sum[i] = (sum[i] ?? 0) + weight * (vector[i] ?? 0);
  const length = Math.sqrt(dot(sum, sum)) || 1;
  return sum.map((value) => value / length);
}

export function randomDirection(random: Random): Vector {
  return blend([[1, new Float64Array(DIMENSIONS).map(() => normal(random))]]);
}

/** Where each film is: what its genre, type, director, source and decade say, and something of its own. */
export function filmVectors(films: readonly Film[], random: Random): readonly Vector[] {
  const known = new Map<string, Vector>();
  const of = (kind: string, name: string | undefined): Vector => {
    const key = `${kind}:${name ?? ''}`;
    const vector = known.get(key) ?? randomDirection(random);
    known.set(key, vector);
    return vector;
  };
  return films.map((film) =>
    blend([
      [1, of('genre', film.genre)],
      [0.7, of('type', film.creativeType)],
      [film.director === undefined ? 0 : 0.7, of('director', film.director)],
      [0.3, of('source', film.source)],
      [0.5, of('decade', String(Math.floor(film.year / 10)))],
      [0.5, randomDirection(random)],
    ]),
  );
}

/** How good a film is to everyone: its IMDB rating and number of votes, roughly standardised. */
export function quality(film: Film): number {
  const rating = ((film.imdbRating ?? 5.8) - 6.3) / 1.2;
  const fame = (Math.log10((film.votes ?? 100) + 10) - 4) / 0.8;
  return 0.35 * rating + 0.5 * fame;
}
