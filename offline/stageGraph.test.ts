import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentProgress } from '../src/cli/progress.ts';
import type { StageRunner } from '../src/cli/stages.ts';
import { outcomeOf, readOutput, runStages, type Stage, writeOutput } from './stageGraph.ts';

interface World {
  rows: number;
  epochs: number;
  failing: boolean;
}

const show: StageRunner = async (_title, work) => {
  await work(silentProgress);
};

const stages: Stage<World>[] = [
  {
    name: 'import',
    title: 'Import',
    needs: [],
    version: 1,
    always: true,
    parameters: () => null,
    run: ({ resources, output }) => writeOutput(output, { rows: resources.rows }),
  },
  {
    name: 'train',
    title: 'Train',
    needs: ['import'],
    version: 1,
    parameters: (world) => ({ epochs: world.epochs }),
    async run({ resources, input, output }) {
      if (resources.failing) throw new Error('out of memory');
      await writeFile(join(output, 'model'), `${JSON.stringify(await readOutput(input('import')))} × ${resources.epochs}`);
    },
  },
];

describe('runStages', () => {
  let cache = '';
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'winnow-stages-'));
  });
  const ran = async (world: World) => (await runStages(stages, world, cache, show)).filter((o) => o.ran).map((o) => o.name);

  it('runs only what changed', async () => {
    const world = { rows: 10, epochs: 1, failing: false };
    expect(await ran(world)).toEqual(['import', 'train']);
    expect(await ran(world)).toEqual(['import']);
    expect(await ran({ ...world, epochs: 2 })).toEqual(['import', 'train']);
    expect(await ran({ ...world, epochs: 2, rows: 11 })).toEqual(['import', 'train']);
  });

  it('gives a stage the outputs it needs and keeps only the newest', async () => {
    await ran({ rows: 10, epochs: 1, failing: false });
    const outcomes = await runStages(stages, { rows: 12, epochs: 3, failing: false }, cache, show);
    expect(await readFile(join(outcomeOf(outcomes, 'train').folder, 'model'), 'utf8')).toBe('{"rows":12} × 3');
    expect(await readdir(join(cache, 'train'))).toHaveLength(1);
  });

  it('keeps nothing of a stage that failed, and runs it the next time', async () => {
    await expect(ran({ rows: 10, epochs: 1, failing: true })).rejects.toThrow('out of memory');
    expect(await readdir(join(cache, 'train'))).toEqual([]);
    expect(await ran({ rows: 10, epochs: 1, failing: false })).toEqual(['import', 'train']);
  });

  it('refuses a graph whose order is wrong', async () => {
    await expect(runStages([...stages].reverse(), { rows: 1, epochs: 1, failing: false }, cache, show)).rejects.toThrow(
      'needs import',
    );
  });
});
