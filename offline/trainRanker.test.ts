import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCatalogue } from '../src/catalogue/createCatalogue.ts';
import { silentProgress } from '../src/cli/progress.ts';
import { loadConfig } from '../src/config/load.ts';
import { buildIndex } from './buildIndex.ts';
import { withBuildResources } from './compose.ts';
import { readChampion } from './stages/champion.ts';
import { evaluate } from './stages/evaluate.ts';
import { readServed } from './stages/heldOut.ts';
import { loadInteractions } from './stages/interactions.ts';
import { readItems } from './stages/trainingSet.ts';
import { shop, silently } from './testing.ts';
import { trainRanker } from './trainRanker.ts';

test('a first ranker that is refused leaves stage one to be measured, on what it had not learned; one of another version is no rival', async () => {
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
    const both = await artifacts.open((await artifacts.current()) ?? '');
    expect((await readServed(config.workspace, both)).results).not.toEqual(results);

    const copy = join(config.workspace, 'copy');
    await cp(both.folder, copy, { recursive: true });
    expect((await readChampion(copy, 'ranker', silentProgress))?.id).toBe(both.manifest.ranker?.id);
    const header = join(copy, 'ranker.json');
    await writeFile(header, (await readFile(header, 'utf8')).replace(/"format":\d+/, '"format":0'));
    expect(await readChampion(copy, 'ranker', silentProgress)).toBeUndefined();
  });
}, 180_000);
