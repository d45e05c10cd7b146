import { isDeepStrictEqual } from 'node:util';
import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { CatalogueChange } from '../../src/domain/event.ts';
import type { Item, ItemId } from '../../src/domain/item.ts';
import type { VectorEntry, VectorIndex } from '../../src/ports/vectorIndex.ts';
import { itemText } from '../../src/text/itemText.ts';

/** Texts encoded at a time: small, so that requests get their turn in between. */
const ENCODE_BATCH = 4;

/**
 * Brings catalogue, text index and vector indices up to date with changes of items. An item can be found by its words and
 * fields first, and by its vectors once its text is encoded. Of several changes to one item the last counts.
 */
export async function applyChanges(artifact: LoadedArtifact, changes: readonly CatalogueChange[]): Promise<void> {
  const latest = new Map<ItemId, Item | undefined>();
  for (const change of changes) {
    if (change.kind === 'item.put') latest.set(change.item.id, change.item);
    else if (change.kind === 'item.delete') latest.set(change.id, undefined);
  }
  const puts: Item[] = [];
  const deletes: ItemId[] = [];
  for (const [id, item] of latest) {
    const known = artifact.catalogue.get(id);
    if (item === undefined) deletes.push(id);
    else if (known === undefined || !isDeepStrictEqual(known.fields, item.fields)) puts.push(item);
  }
  if (deletes.length > 0) await removeItems(artifact, deletes);
  if (puts.length > 0) await putItems(artifact, puts);
}

async function removeItems(artifact: LoadedArtifact, ids: readonly ItemId[]): Promise<void> {
  for (const id of ids) {
    const ordinal = artifact.catalogue.ordinal(id);
    if (artifact.catalogue.remove(id) && ordinal !== undefined) artifact.models.forgetItem(ordinal);
  }
  await Promise.all([artifact.textIndex.remove(ids), ...vectorIndices(artifact).map((index) => index.remove(ids))]);
}

async function putItems(artifact: LoadedArtifact, items: readonly Item[]): Promise<void> {
  for (const item of items) artifact.catalogue.put(item);
  await artifact.textIndex.upsert(items);
  for (let start = 0; start < items.length; start += ENCODE_BATCH) {
    if (start > 0) await new Promise((resolve) => setImmediate(resolve));
    await putVectors(artifact, items.slice(start, start + ENCODE_BATCH));
  }
}

async function putVectors(artifact: LoadedArtifact, items: readonly Item[]): Promise<void> {
  const texts = await artifact.textEncoder?.embed(items.map((item) => itemText(item, artifact.catalogue.fields)));
  const behaviour: VectorEntry[] = [];
  const content: VectorEntry[] = [];
  const text: VectorEntry[] = [];
  items.forEach((item, i) => {
    const ordinal = artifact.catalogue.ordinal(item.id);
    if (ordinal === undefined) return;
    const textVector = texts?.[i];
    const learned = artifact.models.learnItem(ordinal, item, textVector);
    if (learned.behaviour !== undefined) behaviour.push({ id: item.id, vector: learned.behaviour });
    if (learned.content !== undefined) content.push({ id: item.id, vector: learned.content });
    if (textVector !== undefined) text.push({ id: item.id, vector: textVector });
  });
  await Promise.all([
    artifact.behaviourIndex?.upsert(behaviour),
    artifact.contentIndex?.upsert(content),
    artifact.textVectorIndex?.upsert(text),
  ]);
}

function vectorIndices(artifact: LoadedArtifact): VectorIndex[] {
  return [artifact.behaviourIndex, artifact.contentIndex, artifact.textVectorIndex].filter((index) => index !== undefined);
}
