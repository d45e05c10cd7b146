import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { type Random, seededRandom } from '../../../src/domain/random.ts';

const TOPICS = 50;
const START = Date.UTC(2024, 0, 1);
const STEP = 30_000;

/**
 * A made-up catalogue of any size, for measuring: items in topics, people with three favourite ones, popularity by rank.
 * @returns the path of winnow.yaml
 */
export async function writeCatalogue(folder: string, size: { items: number; users: number; perUser: number; seed: number }) {
  const random = seededRandom(size.seed);
  await mkdir(folder, { recursive: true });
  await writeRows(join(folder, 'items.csv'), 'item_id,title,topic,brand,price,year', size.items, (i) =>
    [
      `i${i}`,
      `${word(random)} ${word(random)} ${word(random)}`,
      `t${i % TOPICS}`,
      `b${i % 97}`,
      (i % 500) + 1,
      1980 + (i % 45),
    ].join(','),
  );
  await writeRows(join(folder, 'users.csv'), 'user_id,age', size.users, (u) => `u${u},${6 + (u % 70)}`);
  let at = START;
  const events = size.users * size.perUser;
  await writeRows(join(folder, 'events.csv'), 'user_id,item_id,time', events, () => {
    at += STEP;
    const user = Math.floor(random() * size.users);
    const favourite = (user * 7 + 13 * Math.floor(random() * 3)) % TOPICS;
    const topic = random() < 0.8 ? favourite : Math.floor(random() * TOPICS);
    const rank = Math.floor(random() ** 3 * (size.items / TOPICS));
    return `u${user},i${Math.min(size.items - 1, rank * TOPICS + topic)},${at}`;
  });
  await writeFile(join(folder, 'policies.yaml'), '- { id: children, when: user.age < 7, deny: item.topic == "t13" }\n');
  await writeFile(
    join(folder, 'rules.yaml'),
    `- { id: down, where: 'item.brand == "b3"', multiply: 0.5 }\n- { id: variety, capPer: brand, max: 2 }\n`,
  );
  const path = join(folder, 'winnow.yaml');
  await writeFile(path, CONFIG);
  return path;
}

const CONFIG = `dataset:
  items: { source: items.csv, id: item_id }
  users: { source: users.csv, id: user_id }
  events: { source: events.csv, user: user_id, item: item_id, time: time }
fields:
  title: { type: text, searchBoost: 3 }
  topic: { type: category, facet: true }
  brand: { type: category, facet: true }
  price: { type: number }
  year: { type: number, facet: true }
userFields:
  age: { type: number }
policies: policies.yaml
rules: rules.yaml
training: { epochs: 1, textEncoder: none }
`;

const SYLLABLES = ['ba', 'ko', 'ri', 'ten', 'lu', 'mas', 'vo', 'shi', 'dar', 'el', 'no', 'qui'];
const word = (random: Random): string =>
  Array.from({ length: 3 }, () => SYLLABLES[Math.floor(random() * SYLLABLES.length)] ?? '').join('');

async function writeRows(path: string, head: string, count: number, row: (i: number) => string): Promise<void> {
  const out = createWriteStream(path);
  out.write(`${head}\n`);
  for (let i = 0; i < count; i++) {
    if (!out.write(`${row(i)}\n`)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}
