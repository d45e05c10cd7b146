import { writeTextVectors } from '../../src/retrieval/textVectors.ts';
import { itemText } from '../../src/text/itemText.ts';
import type { BuildResources } from '../resources.ts';
import type { Stage } from '../stageGraph.ts';
import { readItems } from './trainingSet.ts';

/** Texts encoded between two looks at the progress. */
const BATCH = 256;

/** What each item's texts mean, as vectors. Only texts that no earlier run has seen cost anything. */
export const textStage: Stage<BuildResources> = {
  name: 'text-vectors',
  title: 'Text embeddings',
  needs: ['items'],
  version: 1,
  parameters: ({ config, textEncoder }) => ({ encoder: textEncoder?.id ?? null, fields: { ...config.fields } }),
  async run({ resources, input, output, progress }) {
    const { config, textEncoder } = resources;
    if (textEncoder === undefined) return progress.note('no text encoder is configured');
    const items = await readItems(input('items'));
    const texts = items.map((item) => itemText(item, config.fields));
    const vectors: (Float32Array | undefined)[] = texts.map(() => undefined);
    const wanted = texts.flatMap((text, i) => (text === '' ? [] : [i]));
    for (let start = 0; start < wanted.length; start += BATCH) {
      const batch = wanted.slice(start, start + BATCH);
      const encoded = await textEncoder.embed(batch.map((i) => texts[i] ?? ''));
      batch.forEach((i, place) => {
        vectors[i] = encoded[place];
      });
      progress.update(start + batch.length, wanted.length, `${start + batch.length} texts`);
    }
    await writeTextVectors(output, textEncoder, vectors);
  },
};
