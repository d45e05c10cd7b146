import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { FieldDefinitions } from '../../config/schema.ts';
import type { Item } from '../../domain/item.ts';
import type { CoVisitation, RetrievalModels } from '../../retrieval/models.ts';
import type { PreparedList } from '../feature.ts';
import type { ListStatistics } from '../statistics.ts';

/** What ranking features are made with. */
export interface FeatureInputs {
  readonly models: RetrievalModels;
  readonly catalogue: Pick<Catalogue, 'at' | 'ordinal'>;
  readonly fields: FieldDefinitions;
  /** Weights of the configured event types. */
  readonly weights: Readonly<Record<string, number>>;
  /** What a log of impressions taught; absent where there was none. */
  readonly statistics: ListStatistics | undefined;
}

/** What is worked out once for an item and remembered by its ordinal, until another item takes its place. */
export function remembered<T>(make: (item: Item) => T): (ordinal: number, item: Item) => T {
  const known: ({ readonly item: Item; readonly made: T } | undefined)[] = [];
  return (ordinal, item) => {
    const entry = known[ordinal];
    if (entry !== undefined && entry.item === item) return entry.made;
    const made = make(item);
    known[ordinal] = { item, made };
    return made;
  };
}

/** Ranks within the list from 1, best first; of equal scores, all get the best rank. */
export function ranksOf(scores: Float32Array): Float32Array {
  const sorted = scores.slice().sort();
  const ranks = new Float32Array(scores.length);
  for (let i = 0; i < scores.length; i++) {
    // The first place, from the low end, after all that are no higher.
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! <= scores[i]!) low = middle + 1;
      else high = middle;
    }
    ranks[i] = 1 + sorted.length - low;
  }
  return ranks;
}

/** Adds `weight ×` the score of every candidate among the neighbours of `from`: one pass over the neighbours. */
export function addNeighbours(table: CoVisitation, from: number, weight: number, list: PreparedList, into: Float32Array): void {
  const { items, scores } = table.neighbours(from);
  const { places } = list;
  for (let i = 0; i < items.length; i++) {
    const place = places[items[i]!];
    if (place !== undefined && place > 0) into[place - 1]! += weight * scores[i]!;
  }
}

/** Inner product of two vectors of one length. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export const length = (vector: Float32Array, size = vector.length): number => {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += vector[i]! * vector[i]!;
  return Math.sqrt(sum);
};
