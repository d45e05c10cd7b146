import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** One film of the catalogue. What the source does not know is undefined. */
export interface Film {
  readonly id: string;
  readonly title: string;
  readonly genre?: string;
  readonly creativeType?: string;
  readonly rating?: string;
  readonly distributor?: string;
  readonly director?: string;
  readonly source?: string;
  /** The day of its release, ISO 8601. */
  readonly released: string;
  readonly year: number;
  readonly runningTime?: number;
  readonly imdbRating?: number;
  readonly votes?: number;
  readonly gross?: number;
}

const text = z.union([z.string(), z.number().transform(String)]).nullable();
const number = z.number().nullable();
const sourceSchema = z.array(
  z.object({
    Title: text,
    'Worldwide Gross': z.union([number, z.string().transform(() => null)]),
    'Release Date': z.string(),
    'MPAA Rating': text,
    'Running Time min': number,
    Distributor: text,
    Source: text,
    'Major Genre': text,
    'Creative Type': text,
    Director: text,
    'IMDB Rating': number,
    'IMDB Votes': number,
  }),
);

/** The films of the npm package vega-datasets, cleaned as `README.md` says. Ids follow the order of its file. */
export async function readFilms(): Promise<readonly Film[]> {
  const entry = fileURLToPath(import.meta.resolve('vega-datasets'));
  const file = new URL('../data/movies.json', new URL(`file://${entry}`));
  const rows = sourceSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  return rows.map((row, i) => {
    const released = releaseDay(row['Release Date']);
    return {
      id: `film-${String(i + 1).padStart(4, '0')}`,
      title: repair(row.Title) ?? UNKNOWN,
      genre: repair(row['Major Genre']),
      creativeType: repair(row['Creative Type']),
      rating: RATINGS.has(row['MPAA Rating'] ?? '') ? (row['MPAA Rating'] ?? undefined) : undefined,
      distributor: repair(row.Distributor),
      director: repair(row.Director),
      source: repair(row.Source),
      released,
      year: Number(released.slice(0, 4)),
      runningTime: row['Running Time min'] ?? undefined,
      imdbRating: row['IMDB Rating'] ?? undefined,
      votes: row['IMDB Votes'] ?? undefined,
      gross: row['Worldwide Gross'] ?? undefined,
    };
  });
}

/** The one film without a title is "Unknown" (2006), which some tool took for a missing value. */
const UNKNOWN = 'Unknown';

/** "Not Rated" and "Open" say that there is no rating. */
const RATINGS = new Set(['G', 'PG', 'PG-13', 'R', 'NC-17']);

/** Text that was once Windows-1252 and was read as Mac Roman: the letters concerned, and what they were. */
const MISREAD: Readonly<Record<string, string>> = {
  È: 'é',
  Í: 'ê',
  '˘': 'ù',
  Ö: '…',
  Ω: '½',
  Û: 'ó',
  '‰': 'ä',
  '‡': 'à',
  Ë: 'è',
  '·': 'á',
  Ù: 'ô',
  Î: 'ë',
};

function repair(value: string | null): string | undefined {
  const fixed = value?.replace(/[ÈÍ˘ÖΩÛ‰‡Ë·ÙÎ]/g, (letter) => MISREAD[letter] ?? letter).trim();
  return fixed === '' ? undefined : fixed;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "Jun 12 1998". The file ends in 2010; years beyond it are of the century before, cut to two digits at some time. */
function releaseDay(text: string): string {
  const match = /^([A-Z][a-z]{2}) (\d\d) (\d{4})$/.exec(text);
  const month = MONTHS.indexOf(match?.[1] ?? '') + 1;
  if (match === null || month === 0) throw new Error(`a film's release date is "${text}"`);
  const year = Number(match[3]) > 2012 ? Number(match[3]) - 100 : Number(match[3]);
  return `${year}-${String(month).padStart(2, '0')}-${match[2]}`;
}
