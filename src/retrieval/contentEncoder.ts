import { z } from 'zod';
import type { FieldDefinitions } from '../config/schema.ts';
import type { FieldValue, Item } from '../domain/item.ts';
import { seededRandom } from '../domain/random.ts';
import { type ContentMatrix, type ContentRow, contentMatrix } from './contentMatrix.ts';
import { fitTextReduction, reduceText, type TextReduction } from './textReduction.ts';

/** The learned part: which values and buckets are features, and how rare each is. JSON but for the text reduction. */
export const contentVocabularySchema = z.object({
  /** Features of category, categories and boolean fields: the field, the value as text, and the log of its rarity. */
  values: z.array(z.tuple([z.string(), z.string(), z.number()])),
  /** Bucket bounds of number and date fields, ascending; a field has one bucket more than bounds. */
  bounds: z.record(z.string(), z.array(z.number())),
});
export type ContentVocabulary = z.infer<typeof contentVocabularySchema>;

/** Turns an item's fields and text into numbers, the same way at training and for an item that was put a moment ago. */
export interface ContentEncoder {
  readonly vocabulary: ContentVocabulary;
  readonly reduction: TextReduction | undefined;
  readonly featureCount: number;
  readonly textDimensions: number;
  encode(item: Item, textVector: Float32Array | undefined): ContentRow;
  /** Length of `vector`'s result. */
  readonly vectorDimensions: number;
  /** Length of the part of `vector`'s result that is not text. */
  readonly sparseDimensions: number;
  /** Unit vector of what the item is: a number for each feature, or its many features projected at random, beside its text. */
  vector(row: ContentRow): Float32Array | undefined;
}

/** Values rarer than this teach nothing about other items. */
const MIN_ITEMS = 2;
const MAX_VALUES = 4096;
const BUCKETS = 8;
const TEXT_DIMENSIONS = 64;
/** Fewer features than this have a dimension each. */
export const SPARSE_DIMENSIONS = 64;

export function fitContentEncoder(
  fields: FieldDefinitions,
  items: readonly Item[],
  textVectors: readonly (Float32Array | undefined)[] = [],
): ContentEncoder {
  const values: [string, string, number][] = [];
  const bounds: Record<string, number[]> = {};
  for (const [field, { type }] of Object.entries(fields)) {
    if (type === 'category' || type === 'categories' || type === 'boolean') {
      const counts = new Map<string, number>();
      for (const item of items)
        for (const value of textValues(item.fields[field])) counts.set(value, (counts.get(value) ?? 0) + 1);
      const kept = [...counts].filter(([, count]) => count >= MIN_ITEMS);
      kept.sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
      for (const [value, count] of kept.slice(0, MAX_VALUES)) values.push([field, value, Math.log(1 + items.length / count)]);
    } else if (type === 'number' || type === 'date') {
      const numbers = items.flatMap((item) => numberValue(item.fields[field]) ?? []).sort((a, b) => a - b);
      const quantiles = Array.from({ length: BUCKETS - 1 }, (_, i) => numbers[Math.floor(((i + 1) * numbers.length) / BUCKETS)]);
      const distinct = [...new Set(quantiles.filter((bound) => bound !== undefined))];
      if (distinct.length > 0) bounds[field] = distinct;
    }
  }
  return createContentEncoder({ values, bounds }, fitTextReduction(textVectors, TEXT_DIMENSIONS));
}

/** What items are, as numbers, and what makes the same numbers of an item that comes later. */
export function encodeCatalogue(
  fields: FieldDefinitions,
  items: readonly Item[],
  textVectors?: readonly (Float32Array | undefined)[],
): { encoder: ContentEncoder; content: ContentMatrix } {
  const encoder = fitContentEncoder(fields, items, textVectors);
  const rows = items.map((item, i) => encoder.encode(item, textVectors?.[i]));
  return { encoder, content: contentMatrix(rows, encoder.featureCount, encoder.textDimensions) };
}

/** @param sparse what `sparseDimensions` was, for an encoder that was stored */
export function createContentEncoder(
  vocabulary: ContentVocabulary,
  reduction: TextReduction | undefined,
  sparse?: number,
): ContentEncoder {
  const valueIndex = new Map<string, Map<string, number>>();
  const rarity: number[] = [];
  for (const [field, value, idf] of vocabulary.values) {
    const known = valueIndex.get(field) ?? new Map<string, number>();
    known.set(value, rarity.length);
    valueIndex.set(field, known);
    rarity.push(idf);
  }
  const bucketStart = new Map<string, number>();
  for (const [field, bounds] of Object.entries(vocabulary.bounds)) {
    bucketStart.set(field, rarity.length);
    for (let i = 0; i <= bounds.length; i++) rarity.push(NUMBER_RARITY);
  }
  const textDimensions = reduction?.dimensions ?? 0;
  // Without features and text no item has a vector, whose length is then no matter.
  const fewest = textDimensions > 0 ? 0 : 1;
  const sparseDimensions = sparse ?? Math.max(fewest, Math.min(SPARSE_DIMENSIONS, rarity.length));
  const projection = sparseDimensions < SPARSE_DIMENSIONS ? undefined : randomSigns(rarity.length, sparseDimensions);

  const encode = (item: Item, textVector: Float32Array | undefined): ContentRow => {
    const features: number[] = [];
    for (const [field, known] of valueIndex) {
      for (const value of textValues(item.fields[field])) {
        const feature = known.get(value);
        if (feature !== undefined) features.push(feature);
      }
    }
    for (const [field, start] of bucketStart) {
      const value = numberValue(item.fields[field]);
      if (value !== undefined) features.push(start + bucket(vocabulary.bounds[field]!, value));
    }
    return {
      features: Int32Array.from(features),
      weights: new Float32Array(features.length).fill(1 / Math.sqrt(Math.max(1, features.length))),
      text: reduction === undefined || textVector === undefined ? undefined : reduceText(reduction, textVector),
    };
  };

  return {
    vocabulary,
    reduction,
    featureCount: rarity.length,
    textDimensions,
    encode,
    sparseDimensions,
    vectorDimensions: sparseDimensions + textDimensions,
    vector(row) {
      const out = new Float32Array(sparseDimensions + textDimensions);
      for (const feature of row.features) {
        const weight = rarity[feature]!;
        if (projection === undefined) out[feature]! += weight;
        else for (let j = 0; j < sparseDimensions; j++) out[j]! += weight * projection[feature * sparseDimensions + j]!;
      }
      normalise(out);
      if (row.text !== undefined) out.set(row.text, sparseDimensions);
      return normalise(out) ? out : undefined;
    },
  };
}

/** Numbers say less about likeness than categories do. */
const NUMBER_RARITY = 0.5;

function textValues(value: FieldValue | undefined): readonly string[] {
  if (value === undefined) return [];
  if (typeof value === 'object') return [...new Set(value)];
  return [String(value)];
}

function numberValue(value: FieldValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function bucket(bounds: readonly number[], value: number): number {
  let at = 0;
  while (at < bounds.length && value >= bounds[at]!) at++;
  return at;
}

function randomSigns(rows: number, width: number): Int8Array {
  const random = seededRandom(11);
  return Int8Array.from({ length: rows * width }, () => (random() < 0.5 ? -1 : 1));
}

function normalise(vector: Float32Array): boolean {
  let sum = 0;
  for (const x of vector) sum += x * x;
  if (sum === 0) return false;
  const scale = 1 / Math.sqrt(sum);
  for (let j = 0; j < vector.length; j++) vector[j]! *= scale;
  return true;
}
