import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Fields, FieldValue, Item } from '../../../src/domain/item.ts';
import type { Random } from '../../../src/domain/random.ts';
import { ROOT } from '../../root.ts';
import { GENRES, RATINGS, REGIONS } from './leakPolicies.ts';

const WORDS = ['golden', 'night', 'river', 'garden', 'iron', 'winter'];
export const NOW = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;

const CONFIG = `dataset:
  items: { source: items.ndjson, id: id }
  events: { source: events.csv, user: user, item: item, time: time }
fields:
  title: { type: text }
  rating: { type: category, facet: true }
  genres: { type: categories }
  regions: { type: categories }
  price: { type: number }
  fee: { type: number }
  stock: { type: number }
  cut: { type: boolean }
  licensedUntil: { type: date }
userFields:
  age: { type: number }
  budget: { type: number }
  avoids: { type: category }
training: { epochs: 1, dimensions: 8, textEncoder: none }
serving: { candidates: 30 }
`;

/** An item with any of its values missing now and then. */
export function drawItem(random: Random, id: string): Item {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const some = (list: readonly string[]): string[] => list.filter(() => random() < 0.5);
  const all: readonly (readonly [string, FieldValue])[] = [
    ['title', `${pick(WORDS)} ${pick(WORDS)} ${id}`],
    ['rating', pick(RATINGS)],
    ['genres', some(GENRES)],
    ['regions', some(REGIONS)],
    ['price', Math.floor(random() * 100)],
    ['fee', Math.floor(random() * 10)],
    ['stock', Math.floor(random() * 6)],
    ['cut', random() < 0.5],
    ['licensedUntil', NOW + Math.floor((random() * 4 - 1) * DAY)],
  ];
  return { id, fields: Object.fromEntries(all.filter(() => random() < 0.93)) };
}

export function drawUser(random: Random): Fields {
  const all: readonly (readonly [string, FieldValue])[] = [
    ['age', Math.floor(random() * 40)],
    ['budget', Math.floor(random() * 200)],
    ['avoids', GENRES[Math.floor(random() * GENRES.length)]!],
  ];
  return Object.fromEntries(all.filter(() => random() < 0.7));
}

/** Builds both stages for a small shop by the commands that users run. @returns path of winnow.yaml, and the workspace */
export async function buildShop(
  folder: string,
  random: Random,
  items: number,
  users: number,
): Promise<{ config: string; workspace: string }> {
  await mkdir(folder, { recursive: true });
  const rows = Array.from({ length: items }, (_, i) => drawItem(random, `i${i}`));
  await writeFile(join(folder, 'items.ndjson'), rows.map(({ id, fields }) => `${JSON.stringify({ id, ...fields })}\n`).join(''));
  const events = Array.from(
    { length: users * 12 },
    (_, n) => `u${n % users},i${Math.floor(random() ** 2 * items)},${NOW - 30 * DAY + n * 60_000}`,
  );
  await writeFile(join(folder, 'events.csv'), `user,item,time\n${events.join('\n')}\n`);
  const config = join(folder, 'winnow.yaml');
  const workspace = join(folder, 'workspace');
  await writeFile(config, CONFIG);
  for (const command of ['build-index', 'train-ranker']) {
    const script = ['--import', 'tsx', join(ROOT, 'offline', 'main.ts'), command, '--config', config, '--workspace', workspace];
    await promisify(execFile)(process.execPath, script, { cwd: ROOT });
  }
  return { config, workspace };
}
