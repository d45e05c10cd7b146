import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { cachedEncoder } from '../../../src/adapters/encoders/cached.ts';
import { USE_LITE } from '../../../src/adapters/encoders/encoderSpec.ts';
import { normalise } from '../../../src/adapters/encoders/vectors.ts';
import { type Random, seededRandom } from '../../../src/domain/random.ts';
import { load, runCommand, startServing } from './service.ts';
import { madeUpQueries, madeUpTitles } from './titles.ts';

export interface Served {
  readonly encoder: ShopEncoder;
  /** Wall-clock seconds of `build-index` from nothing, but for the texts' vectors. */
  readonly buildSeconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly suggestP50: number;
  readonly suggestP99: number;
  readonly cpuMilliseconds: number;
  readonly stages: readonly (readonly [stage: string, mean: number])[];
  readonly megabytes: number;
}

/** What a shop's `training.textEncoder` is: without one it searches by words alone. */
export const shopEncoder = z.enum(['use-lite', 'none']);
type ShopEncoder = z.infer<typeof shopEncoder>;

const SEED = 1;
/** Queries that differ, so that most are new to the service. */
const QUERIES = 20_000;

/**
 * `build-index` and the service over a catalogue of made-up titles and nothing else, asked over HTTP by one client. The
 * titles' vectors are made up too, because encoding 100,000 texts would take most of an hour; queries are encoded for real.
 */
export async function measureService(count: number, seconds: number, encoder: ShopEncoder = 'use-lite'): Promise<Served> {
  const folder = join(tmpdir(), `winnow-bench-titles-${count}${encoder === 'none' ? '-words' : ''}`);
  const workspace = join(folder, 'workspace');
  const config = join(folder, 'winnow.yaml');
  const titles = madeUpTitles(count, SEED);
  if (!existsSync(config)) await writeShop(folder, workspace, titles, encoder);
  await writeFile(config, configOf(encoder));
  const buildSeconds = await build(folder, config, workspace);
  const service = await startServing(config, workspace);
  try {
    const queries = madeUpQueries(titles, QUERIES, SEED + 1);
    const searches = queries.map((q) => `/search?q=${encodeURIComponent(q)}&limit=10&record=false`);
    await load(service.url, searches.slice(0, 500), 1, 3);
    const before = await service.cpuSeconds();
    const search = await load(service.url, searches.slice(500), 1, seconds);
    const cpu = (await service.cpuSeconds()) - before;
    const suggest = await load(
      service.url,
      queries.map((q) => `/suggest?q=${encodeURIComponent(q.slice(0, 6))}`),
      1,
      seconds,
    );
    return {
      encoder,
      buildSeconds,
      p50: search.p50,
      p99: search.p99,
      suggestP50: suggest.p50,
      suggestP99: suggest.p99,
      cpuMilliseconds: (1000 * cpu) / search.total,
      stages: await service.stageMeans('search'),
      megabytes: await service.residentMegabytes(),
    };
  } finally {
    await service.stop();
  }
}

/** Seconds that building what is there took: a build that finds nothing changed would say nothing, so they are kept beside it. */
async function build(folder: string, config: string, workspace: string): Promise<number> {
  const record = join(folder, 'built.json');
  const known = existsSync(record)
    ? z.object({ seconds: z.number() }).parse(JSON.parse(await readFile(record, 'utf8')))
    : undefined;
  if (known === undefined) {
    await removeAllBut(workspace, 'cache');
    await removeAllBut(join(workspace, 'cache'), 'text');
  }
  const started = performance.now();
  await runCommand('build-index', config, workspace);
  const seconds = known?.seconds ?? (performance.now() - started) / 1000;
  await writeFile(record, JSON.stringify({ seconds }));
  return seconds;
}

async function removeAllBut(folder: string, kept: string): Promise<void> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  for (const name of names) if (name !== kept) await rm(join(folder, name), { recursive: true });
}

async function writeShop(folder: string, workspace: string, titles: readonly string[], encoder: ShopEncoder): Promise<void> {
  await mkdir(workspace, { recursive: true });
  const rows = titles.map((title, i) => `i${i},${title},b${i % 97},${(i % 500) + 1}`);
  await writeFile(join(folder, 'items.csv'), `id,title,brand,price\n${rows.join('\n')}\n`);
  if (encoder === 'none') return;
  const random = seededRandom(SEED);
  const directions = Array.from({ length: MEANINGS }, () => noise(random, USE_LITE.dimensions));
  const topics = Array.from({ length: 200 }, () => noise(random, MEANINGS));
  const embed = async (texts: readonly string[]) =>
    texts.map((_, i) => vectorOf(directions, near(topics[i % topics.length]!, random)));
  const madeUp = cachedEncoder({ ...USE_LITE, embed }, join(workspace, 'cache'));
  await madeUp.embed(titles.map((title, i) => `${title}. b${i % 97}`));
}

/** Dimensions in which made-up vectors differ: about as many as the encoder's vectors of film titles do (Levina & Bickel 2004). */
const MEANINGS = 20;

const noise = (random: Random, dimensions: number): Float32Array =>
  Float32Array.from({ length: dimensions }, () => random() - 0.5);
const near = (topic: Float32Array, random: Random): Float32Array => topic.map((value) => value + 1.5 * (random() - 0.5));

function vectorOf(directions: readonly Float32Array[], meaning: Float32Array): Float32Array {
  const vector = new Float32Array(USE_LITE.dimensions);
  for (const [i, direction] of directions.entries()) {
    const share = meaning[i]!;
    for (let j = 0; j < vector.length; j++) vector[j]! += share * direction[j]!;
  }
  return normalise(vector);
}

const configOf = (encoder: ShopEncoder): string => `dataset: { items: { source: items.csv, id: id } }
fields:
  title: { type: text, searchBoost: 3 }
  brand: { type: category, facet: true }
  price: { type: number }
training: { textEncoder: ${encoder} }
`;
