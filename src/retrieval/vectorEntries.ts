import type { ItemId } from '../domain/item.ts';
import type { VectorEntry } from '../ports/vectorIndex.ts';
import type { RetrievalModels } from './models.ts';

/** What the behaviour and the content index are built from. @param ids by ordinal */
export function vectorEntries(
  models: RetrievalModels,
  ids: readonly ItemId[],
): { behaviour: VectorEntry[]; content: VectorEntry[] } {
  const entries = (vectorOf: (ordinal: number) => Float32Array | undefined): VectorEntry[] =>
    ids.flatMap((id, ordinal) => {
      const vector = vectorOf(ordinal);
      return vector === undefined ? [] : [{ id, vector: vector.slice() }];
    });
  return {
    behaviour: entries((ordinal) => models.behaviour?.outputVector(ordinal)),
    content: entries((ordinal) => models.content.vector(ordinal)),
  };
}
