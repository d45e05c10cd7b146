import { type Manifest, manifestSchema } from '../../src/artifacts/manifest.ts';
import { logEnds } from '../dataset/importRecord.ts';
import type { BuildResources } from '../resources.ts';
import { readOutput, type Stage, writeOutput } from '../stageGraph.ts';
import { importDataset } from './importDataset.ts';

/** Brings the files into the log and the log into the feature store, and fixes up to where this build reads. */
export const importStage: Stage<BuildResources> = {
  name: 'import',
  title: 'Import',
  needs: [],
  version: 1,
  always: true,
  parameters: () => null,
  async run({ resources, output, progress }) {
    const { log, applyToStore } = resources;
    const report = await importDataset({ ...resources, progress });
    if (!report.unchanged) {
      progress.note(
        `${report.items} items, ${report.users} users, ${report.events} new events, ${report.rejected} bad rows set aside`,
      );
    }
    await applyToStore();
    await writeOutput(output, await logEnds(log));
  },
};

/** For what learns from the log alone: how far it goes by now. */
export const logStage: Stage<BuildResources> = {
  name: 'log',
  title: 'Event log',
  needs: [],
  version: 1,
  always: true,
  parameters: () => null,
  run: async ({ resources, output }) => writeOutput(output, await logEnds(resources.log)),
};

/** Where the build stops reading the log: everything later than this is live news to it. */
export async function readPositions(folder: string): Promise<Manifest['positions']> {
  return manifestSchema.shape.positions.parse(await readOutput(folder));
}
