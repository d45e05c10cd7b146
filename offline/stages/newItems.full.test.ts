import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { trainingBackend } from '../../src/adapters/tfjs/backend.ts';
import { createEmbedderTrainer } from '../../src/adapters/tfjs/embedderTrainer.ts';
import { silentProgress } from '../../src/cli/progress.ts';
import { configSchema } from '../../src/config/schema.ts';
import { interactionsBuilder } from '../../src/retrieval/interactions.ts';
import { topK } from '../../src/retrieval/topK.ts';
import { trainRetrieval } from './trainRetrieval.ts';

const FOLDER = join(import.meta.dirname, '../../../shared/data/amazon-toys-s3rec');
const K = 200;

/** Lines of "user item item …" in time order, and each item's category ids. */
function readToys() {
  const histories = readFileSync(join(FOLDER, 'sequences.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().split(' ').slice(1));
  const attributes = z
    .record(z.string(), z.array(z.number()))
    .parse(JSON.parse(readFileSync(join(FOLDER, 'item2attributes.json'), 'utf8')));
  return { histories, attributes };
}

test('items that are hidden from training and put live afterwards are retrieved by behaviour', async (context) => {
  if (!existsSync(FOLDER)) {
    console.warn(`not tested on real data: there is no ${FOLDER}`);
    context.skip();
  }
  const { histories, attributes } = readToys();
  const ids = [...new Set(histories.flat())];
  const isHidden = (index: number) => (Math.imul(index + 1, 0x9e3779b1) >>> 0) % 10 === 0;
  const known = ids.filter((_, i) => !isHidden(i));
  const hidden = ids.filter((_, i) => isHidden(i));
  const ordinals = new Map([...known, ...hidden].map((id, ordinal) => [id, ordinal]));
  const item = (id: string) => ({ id, fields: { categories: (attributes[id] ?? []).map(String) } });
  const builder = interactionsBuilder({ click: 1 });
  for (const [u, history] of histories.entries()) {
    for (const [time, id] of history.slice(0, -1).entries()) {
      const ordinal = ordinals.get(id)!;
      if (ordinal < known.length) builder.add({ actor: `user:${u}`, item: ordinal, time, type: 'click' });
    }
  }
  const config = configSchema.parse({
    dataset: { items: { source: 'none', id: 'id' } },
    fields: { categories: { type: 'categories' } },
    training: { epochs: 6 },
  });
  const { models } = await trainRetrieval({
    config,
    interactions: builder.finish(known.length),
    items: known.map(item),
    trainer: createEmbedderTrainer(await trainingBackend()),
    progress: silentProgress,
  });
  for (const id of hidden) models.learnItem(ordinals.get(id)!, item(id));

  let cases = 0;
  const found = { behaviour: 0, content: 0 };
  for (const history of histories) {
    const target = ordinals.get(history.at(-1)!)!;
    if (target < known.length) continue;
    const past = history.slice(0, -1).map((id) => ordinals.get(id)!);
    const query = models.behaviour!.query(past);
    const content = models.content.query(past);
    if (query === undefined || content === undefined) continue;
    cases++;
    const seen = new Set(past);
    const among = (scoreOf: (ordinal: number) => number) =>
      topK(
        Float32Array.from(ids, (_, i) => scoreOf(i)),
        K,
        (i) => !seen.has(i),
      ).some(({ index }) => index === target);
    if (among((i) => models.behaviour!.score(query, i))) found.behaviour++;
    if (among((i) => dot(content, models.content.vector(i)))) found.content++;
  }
  const recall = { behaviour: found.behaviour / cases, content: found.content / cases, random: K / ids.length };
  console.info(`Recall@${K} of ${cases} interactions with hidden items: ${JSON.stringify(recall)}`);
  expect(recall.behaviour).toBeGreaterThan(10 * recall.random);
  expect(recall.behaviour).toBeGreaterThan(recall.content);
}, 1_800_000);

function dot(a: Float32Array, b: Float32Array | undefined): number {
  let sum = 0;
  if (b !== undefined) for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}
