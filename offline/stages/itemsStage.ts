import { writeSnapshot } from '../../src/catalogue/snapshot.ts';
import type { BuildResources } from '../resources.ts';
import type { Stage } from '../stageGraph.ts';
import { readPositions } from './importStage.ts';
import { readCatalogue } from './readCatalogue.ts';

/** The inventory as one file: the order of its lines is the ordinals of everything trained on it. */
export const itemsStage: Stage<BuildResources> = {
  name: 'items',
  title: 'Inventory',
  needs: ['import'],
  version: 1,
  parameters: ({ config }) => ({ ...config.fields }),
  async run({ resources, input, output, progress }) {
    const { catalogue } = await readPositions(input('import'));
    const items = await readCatalogue(resources.log, catalogue);
    const { count } = await writeSnapshot(output, items);
    progress.note(`${count} items`);
  },
};
