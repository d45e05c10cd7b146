/**
 * What items are, as numbers, by ordinal: a sparse part (category values and number buckets, each a feature with a weight;
 * the features of item `i` are `offsets[i]` up to `offsets[i + 1]`) and a dense one (its texts' embedding, reduced).
 */
export interface ContentMatrix {
  readonly featureCount: number;
  readonly offsets: Int32Array;
  readonly features: Int32Array;
  readonly weights: Float32Array;
  /** 0 where no text was encoded. */
  readonly textDimensions: number;
  /** items × textDimensions, zeros where an item has no text. */
  readonly text: Float32Array;
}

/** The same for one item. */
export interface ContentRow {
  readonly features: Int32Array;
  readonly weights: Float32Array;
  /** Absent where the item has no encoded text. */
  readonly text: Float32Array | undefined;
}

export function contentMatrix(rows: readonly ContentRow[], featureCount: number, textDimensions: number): ContentMatrix {
  const offsets = new Int32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) offsets[i + 1] = offsets[i]! + row.features.length;
  const features = new Int32Array(offsets[rows.length]!);
  const weights = new Float32Array(features.length);
  const text = new Float32Array(rows.length * textDimensions);
  for (const [i, row] of rows.entries()) {
    features.set(row.features, offsets[i]);
    weights.set(row.weights, offsets[i]);
    if (row.text !== undefined) text.set(row.text, i * textDimensions);
  }
  return { featureCount, offsets, features, weights, textDimensions, text };
}

/** One item's row of the matrix (views). */
export function contentRow(content: ContentMatrix, item: number): ContentRow {
  const { offsets, features, weights, textDimensions, text } = content;
  const row = text.subarray(item * textDimensions, (item + 1) * textDimensions);
  return {
    features: features.subarray(offsets[item], offsets[item + 1]),
    weights: weights.subarray(offsets[item], offsets[item + 1]),
    text: row.some((x) => x !== 0) ? row : undefined,
  };
}
