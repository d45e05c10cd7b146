import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Film, readFilms } from './films.ts';
import type { Person } from './people.ts';
import { SEED, type SimulatedEvent, simulate } from './simulate.ts';

/** Raised when the generator or the settings change, so that a demo made before is made anew. */
const VERSION = 3;
const SETTINGS = ['winnow.yaml', 'policies.yaml', 'rules.yaml'];

/**
 * Writes the demo into a folder: items.csv (real films), users.csv and events.csv (simulated people, see README.md), and its
 * settings. Takes seconds; a folder that has this version's demo is left as it is, changed settings included.
 */
export async function makeDemo(folder: string): Promise<void> {
  const marker = join(folder, 'generated.json');
  const stamp = JSON.stringify({ version: VERSION, seed: SEED });
  if ((await readFile(marker, 'utf8').catch(() => '')) === stamp) return;
  await mkdir(folder, { recursive: true });
  const films = await readFilms();
  const { people, events } = simulate(films);
  await writeTable(join(folder, 'items.csv'), ITEM_COLUMNS, films.map(itemRow));
  await writeTable(join(folder, 'users.csv'), ['user_id', 'age', 'country'], people.map(userRow));
  await writeTable(join(folder, 'events.csv'), EVENT_COLUMNS, events.map(eventRow));
  for (const name of SETTINGS) await copyFile(fileURLToPath(new URL(name, import.meta.url)), join(folder, name));
  await writeFile(marker, stamp);
}

const ITEM_COLUMNS = [
  'item_id',
  'title',
  'genre',
  'creative_type',
  'rating',
  'distributor',
  'director',
  'source',
  'released',
  'year',
  'running_time',
  'imdb_rating',
  'votes',
  'gross',
];
const itemRow = (film: Film) => [
  film.id,
  film.title,
  film.genre,
  film.creativeType,
  film.rating,
  film.distributor,
  film.director,
  film.source,
  film.released,
  film.year,
  film.runningTime,
  film.imdbRating,
  film.votes,
  film.gross,
];
const userRow = (person: Person) => [person.id, person.age, person.country];
const EVENT_COLUMNS = ['timestamp', 'user_id', 'session_id', 'item_id', 'event', 'request_id', 'position'];
const eventRow = (event: SimulatedEvent) => [
  event.time,
  event.user,
  event.session,
  event.item,
  event.type,
  event.request,
  event.position,
];

type Value = string | number | undefined;

async function writeTable(path: string, columns: readonly string[], rows: readonly (readonly Value[])[]): Promise<void> {
  const lines = [columns, ...rows].map((row) => row.map(csvField).join(','));
  await writeFile(`${path}.partial`, `${lines.join('\n')}\n`);
  await rename(`${path}.partial`, path);
}

const csvField = (value: Value): string => {
  const text = value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
