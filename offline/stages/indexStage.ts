import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { INDEX_FOLDERS, type IndexName } from '../../src/artifacts/layout.ts';
import type { Progress } from '../../src/cli/progress.ts';
import type { VectorEntry } from '../../src/ports/vectorIndex.ts';
import { loadRetrieval } from '../../src/retrieval/load.ts';
import { readTextVectors } from '../../src/retrieval/textVectors.ts';
import { vectorEntries } from '../../src/retrieval/vectorEntries.ts';
import { fitProjection, project, writeProjection } from '../../src/text/projection.ts';
import type { BuildResources } from '../resources.ts';
import { type Stage, writeOutput } from '../stageGraph.ts';
import { readItems } from './trainingSet.ts';

/** The indices over item vectors: what people do, what items are, what their texts mean. Each measures its own recall. */
export const indexStage: Stage<BuildResources> = {
  name: 'indices',
  title: 'Vector indices',
  needs: ['items', 'text-vectors', 'retrieval'],
  version: 2,
  parameters: ({ config }) => ({ seed: config.training.seed }),
  async run({ resources, input, output, progress }) {
    const { config, buildIndex, textEncoder } = resources;
    const items = await readItems(input('items'));
    const ids = items.map(({ id }) => id);
    const models = await loadRetrieval(input('retrieval'));
    const { behaviour, content } = vectorEntries(models, ids);
    const build = async (name: IndexName, entries: readonly VectorEntry[], dimensions: number) => {
      const labelled: Progress = { ...progress, update: (done, total) => progress.update(done, total, name) };
      const index = await buildIndex(entries, { dimensions, seed: config.training.seed }, labelled);
      const folder = join(output, INDEX_FOLDERS[name]);
      await mkdir(folder, { recursive: true });
      await index.save(folder);
      const { kind, parameters, recall, k } = index;
      progress.note(`${name}: ${entries.length} vectors of ${dimensions}, ${kind}, recall@${k} ${recall.toFixed(4)}`);
      await index.close();
      return { kind, parameters: { ...parameters }, recall, k };
    };
    const contentIndex = await build('content', content, models.content.dimensions);
    const behaviourIndex =
      models.behaviour === undefined ? null : await build('behaviour', behaviour, models.behaviour.dimensions);
    if (textEncoder !== undefined) {
      const { vectors, dimensions } = await readTextVectors(input('text-vectors'), items.length);
      const projection = fitProjection(vectors.filter((vector) => vector !== undefined));
      const entries = ids.flatMap((id, i) => {
        const vector = vectors[i];
        return vector === undefined ? [] : [{ id, vector: projection === undefined ? vector : project(projection, vector) }];
      });
      await build('text', entries, projection?.dimensions ?? dimensions);
      if (projection !== undefined) await writeProjection(projection, join(output, INDEX_FOLDERS.text));
    }
    await writeOutput(output, { items: items.length, index: behaviourIndex ?? contentIndex });
  },
};
