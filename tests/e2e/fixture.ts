import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../src/domain/random.ts';

const GENRES = ['jazz', 'rock', 'folk', 'opera', 'metal'] as const;
const WORDS = ['river', 'night', 'golden', 'silent', 'paper', 'winter', 'velvet', 'iron', 'garden', 'ocean', 'lantern', 'copper'];
const BRANDS = ['Acme', 'Borealis', 'Cobalt', 'Dune'];

/** Everyone listens mostly to one genre, so that a click says something about the next one. */
const LOYALTY = 0.85;
const START = Date.UTC(2020, 0, 1);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export interface FixtureOptions {
  readonly items?: number;
  readonly users?: number;
  readonly seed?: number;
  /** Lines of winnow.yaml beyond the dataset and fields, such as a store. */
  readonly extra?: string;
}

/**
 * A small record shop: items.csv, users.csv, events.csv, policies and rules, made up from a seed. Items i0 … are of genre
 * `number modulo 5`; users u0 … prefer the genre of theirs; every fourth user is a child, every tenth has no age.
 * @returns the path of winnow.yaml
 */
export async function writeFixture(folder: string, options: FixtureOptions = {}): Promise<string> {
  const { items = 300, users = 80, seed = 7, extra = '' } = options;
  const random = seededRandom(seed);
  await mkdir(folder, { recursive: true });
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const itemRows = Array.from({ length: items }, (_, i) => {
    const title = `${pick(WORDS)} ${pick(WORDS)} ${i}`;
    return `i${i},${title},${genreOf(i)},${1960 + (i % 60)},${BRANDS[i % BRANDS.length]},${(5 + (i % 40)).toFixed(2)},${released(i)}`;
  });
  const userRows = Array.from({ length: users }, (_, u) => `u${u},${u % 10 === 9 ? '' : u % 4 === 3 ? 6 : 20 + (u % 50)}`);
  const eventRows: string[] = [];
  for (let u = 0; u < users; u++) {
    let at = START + u * MINUTE;
    for (let n = 0; n < 25; n++) {
      at += Math.floor((1 + random() * 300) * MINUTE);
      const genre = random() < LOYALTY ? u % GENRES.length : Math.floor(random() * GENRES.length);
      const item = genre + GENRES.length * Math.floor(random() ** 2 * (items / GENRES.length));
      eventRows.push(`u${u},i${item},${random() < 0.2 ? 'purchase' : 'click'},${at}`);
    }
  }
  await writeFile(join(folder, 'items.csv'), `item_id,title,genre,year,brand,price,released\n${itemRows.join('\n')}\n`);
  await writeFile(join(folder, 'users.csv'), `user_id,age\n${userRows.join('\n')}\n`);
  await writeFile(join(folder, 'events.csv'), `user_id,item_id,event,time\n${eventRows.join('\n')}\n`);
  await writeFile(join(folder, 'policies.yaml'), POLICIES);
  await writeFile(join(folder, 'rules.yaml'), RULES);
  const config = join(folder, 'winnow.yaml');
  await writeFile(config, CONFIG + (extra.includes('serving:') ? '' : SERVING) + extra);
  return config;
}

// On a busy machine a query's vector may be late; what is asked twice is to be answered twice alike.
const SERVING = 'serving: { deadlines: { textEncoder: 10000 } }\n';

/** Item i0 came out on 2020-01-01, each further one a day later. */
const released = (item: number): string => new Date(START + item * DAY).toISOString();

export const genreOf = (item: number): string => GENRES[item % GENRES.length]!;

const POLICIES = `- id: under-seven-no-metal
  when: user.age < 7
  deny: item.genre == "metal"
`;

const RULES = `- { id: downscore-acme, where: 'item.brand == "Acme"', multiply: 0.5 }
- { id: front, where: 'item.id == "i42"', pin: 1, scenarios: [home] }
`;

const CONFIG = `dataset:
  items: { source: items.csv, id: item_id }
  users: { source: users.csv, id: user_id }
  events: { source: events.csv, user: user_id, item: item_id, time: time, type: event }
fields:
  title: { type: text, searchBoost: 3 }
  genre: { type: category, facet: true }
  year: { type: number, facet: true }
  brand: { type: category, facet: true }
  price: { type: number }
  released: { type: date }
userFields:
  age: { type: number }
eventTypes:
  click: { weight: 1 }
  purchase: { weight: 5 }
policies: policies.yaml
rules: rules.yaml
training: { epochs: 2, dimensions: 16 }
`;
