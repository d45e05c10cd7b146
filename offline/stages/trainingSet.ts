import type { Manifest } from '../../src/artifacts/manifest.ts';
import { readSnapshot } from '../../src/catalogue/snapshot.ts';
import type { Item } from '../../src/domain/item.ts';
import type { Interactions } from '../../src/retrieval/interactions.ts';
import { readTextVectors } from '../../src/retrieval/textVectors.ts';
import type { BuildResources } from '../resources.ts';
import type { StageContext } from '../stageGraph.ts';
import { loadInteractions } from './interactions.ts';

/** What stage one is trained on, read from the folders of the stages before it. */
export interface TrainingSet {
  readonly items: readonly Item[];
  readonly interactions: Interactions;
  /** How many lists the log has that were shown. */
  readonly impressions: number;
  readonly textVectors: readonly (Float32Array | undefined)[] | undefined;
}

export async function readTrainingSet(
  { config, log, textEncoder }: BuildResources,
  input: StageContext<BuildResources>['input'],
  positions: Manifest['positions'],
): Promise<TrainingSet> {
  const items = await readItems(input('items'));
  const { impressions, ...interactions } = await loadInteractions(log, items, config, positions['enriched-events']);
  const textVectors =
    textEncoder === undefined ? undefined : (await readTextVectors(input('text-vectors'), items.length)).vectors;
  return { items, interactions, impressions, textVectors };
}

/** The inventory of the items stage, by ordinal. */
export async function readItems(folder: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of readSnapshot(folder)) items.push(item);
  return items;
}
