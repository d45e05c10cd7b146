import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from './load.ts';
import { type Tuned, writeTuned } from './tuned.ts';

const training = { dimensions: 48, historyLength: 16, epochs: 7, dropout: 0.35 };
const tuned: Tuned = {
  training,
  evidence: {
    measuredAt: '2026-01-01',
    backend: 'wasm',
    cases: 60,
    metric: 'm',
    trials: [{ training, quality: 0.2, seconds: 3 }],
  },
};

async function configure(trainingSection: string) {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-tuned-'));
  const config = join(folder, 'winnow.yaml');
  await writeFile(config, `dataset: { items: { source: i.csv, id: id } }\nfields: { t: { type: text } }\n${trainingSection}`);
  return { config, workspace: join(folder, 'data'), env: {} };
}

test('what was tuned counts where the file is silent, and only there', async () => {
  const options = await configure('training: { epochs: 3, seed: 5 }\n');
  expect((await loadConfig(options)).training).toMatchObject({ historyLength: 32, epochs: 3, seed: 5 });
  await writeTuned(options.workspace, tuned);
  expect((await loadConfig(options)).training).toMatchObject({ ...training, epochs: 3, seed: 5, textEncoder: 'use-lite' });
  expect((await loadConfig({ ...options, workspace: `${options.workspace}2` })).training.dimensions).toBeUndefined();
});

test('a file that tuning did not write is refused by name', async () => {
  const options = await configure('');
  const path = await writeTuned(options.workspace, tuned);
  for (const text of ['{', '{}', JSON.stringify({ ...tuned, training: { ...training, epochs: 0 } })]) {
    await writeFile(path, text);
    await expect(loadConfig(options)).rejects.toThrow('tuned.json is not what');
  }
});
