import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { normal } from '../../../data/demo/tastes.ts';
import { type FieldDefinitions, fieldDefinitionSchema } from '../../../src/config/schema.ts';
import { UserError } from '../../../src/domain/errors.ts';
import type { Item } from '../../../src/domain/item.ts';
import { type Random, seededRandom } from '../../../src/domain/random.ts';
import { dotAt, type Factors, factorise } from './factors.ts';

/** A list as it was shown, with what was clicked in it: places counted from 0, in the order of the clicks. */
export interface LoggedList {
  readonly person: string;
  readonly time: number;
  readonly shown: readonly number[];
  readonly clicked: readonly number[];
}

/** Items and the lists of them that people were shown, oldest first. */
export interface ImpressionLog {
  readonly fields: FieldDefinitions;
  readonly items: readonly Item[];
  readonly lists: readonly LoggedList[];
}

/**
 * Who clicks: people whose ratings are real and who click what they rated well, or people who are drawn, whose tastes lie near a
 * real one's.
 */
type People = 'rated' | 'drawn';

const LIST = 24;
const FILMS = 2500;
const DIMENSIONS = 12;
const DAYS = 60;
const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);

const definition = (type: 'text' | 'categories' | 'number') => fieldDefinitionSchema.parse({ type });
const fields: FieldDefinitions = {
  title: definition('text'),
  genres: definition('categories'),
  tags: definition('categories'),
  actors: definition('categories'),
  director: definition('categories'),
  year: definition('number'),
  votes: definition('number'),
  popularity: definition('number'),
  vote_average: definition('number'),
};

interface Film {
  readonly id: string;
  readonly title: string;
  readonly genres: readonly string[];
  readonly year: number;
  /** By real user. */
  readonly ratings: ReadonlyMap<number, number>;
  /** Rank by ratings, 1 for the best known and 0 for the least. */
  readonly fame: number;
}

/**
 * A made-up log of lists of 24 films, of `count` lists in which something was clicked. Films, genres, years and the ratings behind
 * all are those of a MovieLens folder; actors, directors and tags are made up, so that films alike share some; each list is drawn
 * from a theme, known films and others, in an order that hardly tells anything; people come for a session or two.
 * @throws UserError where the folder is no MovieLens
 */
export async function makeImpressionLog(
  folder: string,
  options: { readonly people: People; readonly count: number; readonly seed: number },
): Promise<ImpressionLog> {
  const random = seededRandom(options.seed);
  const films = await readFilms(folder);
  const users = 1 + Math.max(...films.flatMap(({ ratings }) => [...ratings.keys()]));
  const factors = factorise(
    films.map(({ ratings }) => [...ratings].filter(([, stars]) => stars >= 3.5).map(([user]) => user)),
    { columns: users, dimensions: DIMENSIONS, random },
  );
  const labels = {
    tags: labelled('tag', films, factors, { count: 350, from: 500, most: 60 }, random),
    actors: labelled('actor', films, factors, { count: 2200, from: 80, most: 9 }, random),
    director: labelled('director', films, factors, { count: 1400, from: 60, most: 4 }, random),
  };
  const items = films.map((film, i): Item => {
    const stars = [...film.ratings.values()];
    const noisy = (scale: number): number => Math.round(scale * film.ratings.size * Math.exp(0.5 * normal(random)));
    return {
      id: film.id,
      fields: {
        title: film.title,
        genres: film.genres,
        tags: labels.tags[i]!,
        actors: labels.actors[i]!,
        director: labels.director[i]!,
        year: film.year,
        votes: noisy(60),
        popularity: noisy(0.2),
        vote_average: 2 * (stars.reduce((sum, value) => sum + value, 0) / stars.length) + 0.3 * normal(random),
      },
    };
  });
  const themes = makeThemes(items);
  const likings = options.people === 'rated' ? ratedPeople(films, users, random) : drawnPeople(films, factors, random);
  const lists: LoggedList[] = [];
  for (let person = 0; lists.length < options.count; person++) {
    const clicks = likings();
    const visits = 1 + Math.floor(-Math.log(1 - random()) * 9);
    let time = START + random() * DAYS * DAY;
    for (let visit = 0; visit < visits && lists.length < options.count; visit++) {
      time += visit > 0 && random() < 0.05 ? random() * 5 * DAY : 30_000 + random() * 90_000;
      const shown = drawList(films, themes[Math.floor(random() * themes.length)]!, random);
      const clicked = shown.flatMap((film, place) => (clicks(film) ? [place] : []));
      if (clicked.length > 0) lists.push({ person: `u${person}`, time: Math.round(time), shown, clicked });
    }
  }
  return { fields, items, lists: lists.sort((a, b) => a.time - b.time) };
}

async function readFilms(folder: string): Promise<Film[]> {
  const lines = async (name: string): Promise<string[]> => {
    const text = await readFile(join(folder, name), 'utf8').catch((cause: unknown) => {
      throw new UserError(`${join(folder, name)} cannot be read: give a MovieLens folder`, { cause });
    });
    return text.trim().split(/\r?\n/).slice(1);
  };
  const ratings = new Map<string, Map<number, number>>();
  for (const line of await lines('ratings.csv')) {
    const [user, film = '', stars] = line.split(',');
    const own = ratings.get(film) ?? new Map<number, number>();
    ratings.set(film, own.set(Number(user), Number(stars)));
  }
  const known = (await lines('movies.csv')).flatMap((line) => {
    const [, id = '', title = '', genres = ''] = /^(\d+),(.*),([^,]*)$/.exec(line) ?? [];
    const year = /\((\d{4})\)/.exec(title)?.[1];
    const own = ratings.get(id);
    if (own === undefined || year === undefined) return [];
    return [{ id, title: title.replaceAll('"', ''), genres: genres.split('|'), year: Number(year), ratings: own }];
  });
  return known
    .sort((a, b) => b.ratings.size - a.ratings.size)
    .slice(0, FILMS)
    .map((film, rank, { length }) => ({ ...film, fame: 1 - rank / length }));
}

/** By film: names of those who, or which, are in it. Each has a film at its heart and is in others that are like that one. */
function labelled(
  kind: string,
  films: readonly Film[],
  factors: Factors,
  { count, from, most }: { readonly count: number; readonly from: number; readonly most: number },
  random: Random,
): string[][] {
  const own = films.map((): string[] => []);
  for (let label = 0; label < count; label++) {
    const heart = Math.floor(random() ** 1.5 * films.length);
    const size = 1 + Math.floor(most * random() ** 2);
    const likeness = (film: number): number =>
      dotAt(factors.rows, film, factors.rows, heart, DIMENSIONS) - Math.abs(films[film]!.year - films[heart]!.year) / 40;
    const others = Array.from({ length: from }, () => Math.floor(random() * films.length))
      .map((film) => ({ film, score: likeness(film) }))
      .sort((a, b) => b.score - a.score);
    for (const film of new Set([heart, ...others.slice(0, size).map(({ film }) => film)])) own[film]!.push(`${kind} ${label}`);
  }
  return own;
}

/** Films that a list can be drawn from: of a genre, of a genre's decade, with a tag, or all. */
function makeThemes(items: readonly Item[]): number[][] {
  const byName = new Map<string, number[]>();
  items.forEach(({ fields: { genres, tags, year } }, film) => {
    const names = [genres, tags].flatMap((values) => (Array.isArray(values) ? values.map(String) : []));
    const decade = Math.floor(Number(year) / 10);
    for (const name of ['all', ...names, ...names.map((own) => `${own} ${decade}`), `decade ${decade}`]) {
      const films = byName.get(name) ?? [];
      films.push(film);
      byName.set(name, films);
    }
  });
  return [...byName.values()].filter(({ length }) => length >= 2 * LIST);
}

/** Well known films more than others, how much so depends on the list; best known first, but hardly. */
function drawList(films: readonly Film[], theme: readonly number[], random: Random): number[] {
  const lean = 3 * random();
  return theme
    .map((film) => ({ film, key: random() ** (1 / (0.05 + films[film]!.fame) ** lean) }))
    .sort((a, b) => b.key - a.key)
    .slice(0, LIST)
    .map(({ film }) => ({ film, key: films[film]!.fame * 0.1 + random() }))
    .sort((a, b) => b.key - a.key)
    .map(({ film }) => film);
}

type Clicks = (film: number) => boolean;

/** One after the other a person who stands for some visits of a real one: clicks what that one rated well, and some others. */
function ratedPeople(films: readonly Film[], users: number, random: Random): () => Clicks {
  const counts = Array.from({ length: users }, (_, user) => films.filter(({ ratings }) => ratings.has(user)).length);
  const able = counts.flatMap((count, user) => Array.from({ length: Math.floor(Math.min(count, 600) / 60) }, () => user));
  return () => {
    const user = able[Math.floor(random() * able.length)]!;
    const eager = Math.exp(0.15 + 0.35 * normal(random));
    return (film) => {
      const { ratings, fame } = films[film]!;
      const stars = ratings.get(user);
      const liking = stars === undefined ? 0.06 + 0.34 * fame ** 5 : stars >= 4 ? 0.9 : stars >= 3 ? 0.5 : 0.15;
      return random() < Math.min(0.97, liking * eager);
    };
  };
}

/** One after the other a person whose tastes are those of a real one, and something of their own. */
function drawnPeople(films: readonly Film[], factors: Factors, random: Random): () => Clicks {
  const appeal = films.map(({ fame, ratings }) => {
    const stars = [...ratings.values()].reduce((sum, value) => sum + value, 0) / ratings.size;
    return 3.6 * fame + 0.8 * (stars - 3.5) + 0.5 * normal(random);
  });
  const { size } = factors;
  return () => {
    const user = Math.floor(random() * size);
    const taste = Float64Array.from(
      { length: DIMENSIONS },
      (_, d) => factors.columns[user * DIMENSIONS + d]! + 0.5 * normal(random),
    );
    const mood = 0.6 * normal(random);
    return (film) => {
      const liking = appeal[film]! + 0.45 * dotAt(factors.rows, film, taste, 0, DIMENSIONS) + mood - 3.9;
      return random() < 1 / (1 + Math.exp(-liking));
    };
  };
}
