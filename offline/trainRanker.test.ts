import { expect, test } from 'vitest';
import { createCatalogue } from '../src/catalogue/createCatalogue.ts';
import { silentProgress } from '../src/cli/progress.ts';
import { loadConfig } from '../src/config/load.ts';
import { buildIndex } from './buildIndex.ts';
import { withBuildResources } from './compose.ts';
import { evaluate } from './stages/evaluate.ts';
import { readServed } from './stages/heldOut.ts';
import { loadInteractions } from './stages/interactions.ts';
import { readItems } from './stages/trainingSet.ts';
import { shop, silently } from './testing.ts';
import { trainRanker } from './trainRanker.ts';

test('a first ranker that is refused leaves stage one to be measured, on what it had not learned', async () => {
  const config = await loadConfig(await shop(300));
  await withBuildResources(config, async (resources) => {
    await buildIndex(resources, silently);
    const { rankerTrainer, log, artifacts } = resources;
    const upsideDown: typeof rankerTrainer = {
      ...rankerTrainer,
      score: (...of) => rankerTrainer.score(...of).map((score) => -score),
    };
    const { decision, published } = await trainRanker({ ...resources, rankerTrainer: upsideDown }, silently);
    expect([published, decision?.publish]).toEqual([false, false]);

    const opened = await artifacts.open((await artifacts.current()) ?? '');
    const { split, results, position } = await readServed(config.workspace, opened);
    const items = await readItems(opened.folder);
    const interactions = await loadInteractions(log, items, config, position);
    const catalogue = createCatalogue(config.fields, items);
    const report = await evaluate({ catalogue, interactions, split, results, seed: 1, progress: silentProgress });
    expect(report.moments).toBe(decision?.lists);
    expect(report.systems[0]?.metrics['NDCG@10'].mean).toBeCloseTo(decision?.champion ?? Number.NaN, 10);

    expect((await trainRanker(resources, silently, { force: true })).published).toBe(true);
    const both = await readServed(config.workspace, await artifacts.open((await artifacts.current()) ?? ''));
    expect(both.results).not.toEqual(results);
  });
}, 180_000);
