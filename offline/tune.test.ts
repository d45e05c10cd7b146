import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentProgress } from '../src/cli/progress.ts';
import { loadConfig } from '../src/config/load.ts';
import { withBuildResources } from './compose.ts';
import { tune } from './tune.ts';

async function shop(people: number) {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-tune-'));
  const items = Array.from({ length: 30 }, (_, i) => `i${i},${i % 3 ? 'a' : 'b'}`);
  const events = Array.from({ length: people }, (_, u) =>
    Array.from({ length: 6 }, (_, k) => `u${u},i${(u + k * 7) % 30},click,2024-01-0${k + 1}T00:00:00Z`),
  ).flat();
  await writeFile(join(folder, 'items.csv'), `id,kind\n${items.join('\n')}\n`);
  await writeFile(join(folder, 'events.csv'), `user,item,type,time\n${events.join('\n')}\n`);
  const config = join(folder, 'winnow.yaml');
  await writeFile(
    config,
    `dataset:
  items: { source: items.csv, id: id }
  events: { source: events.csv, user: user, item: item, type: type, time: time }
fields: { kind: { type: category } }
training: { textEncoder: none, epochs: 1, dimensions: 8 }
`,
  );
  return { config, workspace: join(folder, 'data'), env: {} };
}

const run = async (options: Awaited<ReturnType<typeof shop>>, signal = new AbortController().signal) =>
  withBuildResources(await loadConfig(options), (resources) =>
    tune(
      resources,
      async (_title, work) => {
        await work(silentProgress);
      },
      { minutes: 0.001, signal },
    ),
  );

test('writes what it found with its evidence, for the next configuration to read', async () => {
  const options = await shop(500);
  const { tuned } = await run(options);
  expect(tuned.evidence.trials.length).toBeGreaterThan(0);
  expect(tuned.evidence.trials.map(({ training }) => training)).toContainEqual(tuned.training);
  const { historyLength, dropout, epochs } = (await loadConfig(options)).training;
  expect({ historyLength, dropout, epochs }).toEqual({
    historyLength: tuned.training.historyLength,
    dropout: tuned.training.dropout,
    epochs: 1,
  });
}, 180_000);

test('says what is missing where there is too little to compare on, and writes nothing when it is stopped', async () => {
  await expect(run(await shop(5))).rejects.toThrow('too little to tune by');
  const options = await shop(500);
  await expect(run(options, AbortSignal.abort())).rejects.toThrow();
  expect((await loadConfig(options)).training.dropout).toBeUndefined();
}, 180_000);
