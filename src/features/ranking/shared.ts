import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { FieldDefinitions } from '../../config/schema.ts';
import type { Item } from '../../domain/item.ts';
import type { RetrievalModels } from '../../retrieval/models.ts';
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

/** Fields of certain types: of more, those declared first. */
export const fieldsOfType = (
  fields: FieldDefinitions,
  types: readonly FieldDefinitions[string]['type'][],
  most: number,
): string[] =>
  Object.keys(fields)
    .filter((name) => types.includes(fields[name]!.type))
    .slice(0, most);

/** Calls `learn` for an item that was not seen at its ordinal before: once for each, until another takes its place. */
export function onceAnItem(learn: (ordinal: number, item: Item) => void): (ordinal: number, item: Item) => void {
  const known: (Item | undefined)[] = [];
  return (ordinal, item) => {
    if (known[ordinal] === item) return;
    learn(ordinal, item);
    known[ordinal] = item;
  };
}

/** A copy with room for more, zeros behind. */
export function grown<A extends Int32Array | Float64Array>(array: A, larger: A): A {
  larger.set(array);
  return larger;
}

const SMALL = 1024;
const logs = Float64Array.from({ length: SMALL }, (_, value) => Math.log(value));
const logs1p = Float64Array.from({ length: SMALL }, (_, value) => Math.log1p(value));

/** Logarithm of a positive number, and of one more than it: those of small whole numbers are looked up. */
export const logOf = (value: number): number => (Math.trunc(value) === value && value < SMALL ? logs[value]! : Math.log(value));
export const log1pOf = (value: number): number =>
  Math.trunc(value) === value && value < SMALL ? logs1p[value]! : Math.log1p(value);

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
