import { expect, test } from 'vitest';
import { loadConfig } from '../src/config/load.ts';
import { withBuildResources } from './compose.ts';
import { shop, silently } from './testing.ts';
import { tune } from './tune.ts';

const run = async (options: Awaited<ReturnType<typeof shop>>, signal = new AbortController().signal) =>
  withBuildResources(await loadConfig(options), (resources) => tune(resources, silently, { minutes: 0.001, signal }));

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
