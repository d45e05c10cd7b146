import { isDeepStrictEqual } from 'node:util';
import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { CatalogueChange } from '../../src/domain/event.ts';
import type { Item, ItemId } from '../../src/domain/item.ts';
import type { VectorEntry, VectorIndex } from '../../src/ports/vectorIndex.ts';
import { itemText } from '../../src/text/itemText.ts';

/**
 * Brings catalogue and text index up to date with changes of items: from here on they are found by words and fields. Of
 * several changes to one item the last counts.
 * @returns the items that have yet to get their vectors
 */
export async function applyChanges(artifact: LoadedArtifact, changes: readonly CatalogueChange[]): Promise<readonly Item[]> {
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
  for (const item of puts) artifact.catalogue.put(item);
  if (puts.length > 0) await artifact.textIndex.upsert(puts);
  return puts;
}

async function removeItems(artifact: LoadedArtifact, ids: readonly ItemId[]): Promise<void> {
  for (const id of ids) {
    const ordinal = artifact.catalogue.ordinal(id);
    if (artifact.catalogue.remove(id) && ordinal !== undefined) artifact.models.forgetItem(ordinal);
  }
  await Promise.all([artifact.textIndex.remove(ids), ...vectorIndices(artifact).map((index) => index.remove(ids))]);
}

/** Vectors of items whose words are indexed. One that was changed or removed since is left out: its turn comes, or never. */
export async function putVectors(artifact: LoadedArtifact, changed: readonly Item[]): Promise<void> {
  const isCurrent = (item: Item) => artifact.catalogue.get(item.id)?.fields === item.fields;
  const items = changed.filter(isCurrent);
  if (items.length === 0) return;
  const texts = await artifact.textEncoder?.embed(items.map((item) => itemText(item, artifact.catalogue.fields)));
  const behaviour: VectorEntry[] = [];
  const content: VectorEntry[] = [];
  const text: VectorEntry[] = [];
  items.forEach((item, i) => {
    const ordinal = artifact.catalogue.ordinal(item.id);
    if (ordinal === undefined || !isCurrent(item)) return;
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
