import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { trainingBackend } from '../../src/adapters/tfjs/backend.ts';
import { createEmbedderTrainer } from '../../src/adapters/tfjs/embedderTrainer.ts';
import { silentProgress } from '../../src/cli/progress.ts';
import { configSchema } from '../../src/config/schema.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { Item } from '../../src/domain/item.ts';
import { interactionsBuilder } from '../../src/retrieval/interactions.ts';
import { loadRetrieval } from '../../src/retrieval/load.ts';
import { proposeCandidates } from '../../src/retrieval/propose.ts';
import { testFields, walkers } from '../../src/retrieval/testing.ts';
import { beforeMoments } from '../ranking/interactionLists.ts';
import { trainRetrieval } from './trainRetrieval.ts';

const config = configSchema.parse({
  dataset: { items: { source: 'items.csv', id: 'id' } },
  fields: testFields,
  training: { dimensions: 16, epochs: 30, dropout: 0.1 },
});
const trainer = createEmbedderTrainer(await trainingBackend());
const world = walkers({ users: 120, items: 60, length: 12 });
const train = (interactions = world.interactions, items: readonly Item[] = world.items) =>
  trainRetrieval({ config, interactions, items, trainer, progress: silentProgress });

describe('trainRetrieval', () => {
  test('learns what comes next', async () => {
    const { models } = await train(beforeMoments(world.interactions, 1));
    const { offsets, items, actors } = world.interactions;
    let found = 0;
    for (let a = 0; a < actors.length; a++) {
      const history = Array.from(items.subarray(offsets[a], offsets[a + 1]! - 1));
      const list = proposeCandidates(models, history, { k: 10, excluded: new Set(history) });
      if (list.some(({ key }) => key === items[offsets[a + 1]! - 1])) found++;
    }
    expect(found / actors.length).toBeGreaterThan(0.5);
  });

  test('gives the same bytes for the same seed, and reads back what it wrote', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'winnow-retrieval-'));
    try {
      const [a, b] = [await train(), await train()];
      await a.save(join(folder, 'a'));
      await b.save(join(folder, 'b'));
      for (const file of ['content', 'coVisitation', 'transitions', 'wideCoVisitation', 'embedder']) {
        const path = (name: string) => join(folder, name, 'retrieval', `${file}.bin`);
        expect((await readFile(path('a'))).equals(await readFile(path('b')))).toBe(true);
      }
      const loaded = await loadRetrieval(join(folder, 'a'));
      const history = [1, 7, 13];
      expect(loaded.behaviour!.query(history)).toEqual(a.models.behaviour!.query(history));
      expect(loaded.coVisitation.reach([3])).toEqual(a.models.coVisitation.reach([3]));
      expect(loaded.popularity).toEqual(a.models.popularity);

      const path = join(folder, 'a', 'retrieval', 'embedder.bin');
      const bytes = await readFile(path);
      await writeFile(path, bytes.subarray(0, bytes.length - 100));
      await expect(loadRetrieval(join(folder, 'a'))).rejects.toThrow(UserError);
      await expect(loadRetrieval(join(folder, 'a'))).rejects.toThrow(/embedder\.bin: truncated/);
      await writeFile(path, 'something else altogether');
      await expect(loadRetrieval(join(folder, 'a'))).rejects.toThrow(/embedder\.bin: not a file/);
      await expect(loadRetrieval(join(folder, 'nowhere'))).rejects.toThrow(/content\.bin/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('an item that was put live has vectors at once, near those of its kind', async () => {
    const { models } = await train();
    const twin = models.learnItem(60, { id: 'new', fields: { title: 'new', genres: ['g2'], year: 1990 } });
    expect(twin.behaviour?.length).toBe(models.behaviour!.dimensions);
    const likeness = new Float32Array(2);
    models.content.scoreMany([twin.content!], [2, 3], likeness);
    expect(likeness[0]).toBeGreaterThan(likeness[1]!);
    models.forgetItem(60);
    expect(models.behaviour!.outputVector(60)).toBeUndefined();
  });

  test.each([0, 1, 5])('works with a catalogue of %i items and hardly any events', async (count) => {
    const items = world.items.slice(0, count);
    const builder = interactionsBuilder({ click: 1 });
    for (let i = 0; i < count; i++) builder.add({ actor: 'user:a', item: i, time: i, type: 'click' });
    const { models } = await train(builder.finish(count), items);
    expect(models.behaviour).toBeUndefined();
    const list = proposeCandidates(models, [], { k: 10, excluded: new Set() });
    expect(list.length).toBe(count);
  });

  test('works for one user with 50,000 events', async () => {
    const builder = interactionsBuilder({ click: 1 });
    for (let i = 0; i < 50_000; i++) builder.add({ actor: 'user:heavy', item: (i * 7) % 60, time: i, type: 'click' });
    for (let i = 0; i < 100; i++) builder.add({ actor: `user:${i % 10}`, item: i % 60, time: i, type: 'click' });
    const { models } = await train(builder.finish(60));
    expect(proposeCandidates(models, [1, 2], { k: 10, excluded: new Set() }).length).toBe(10);
  });
});
