import type { FieldDefinitions } from '../config/schema.ts';
import type { ContentEncoder } from './contentEncoder.ts';
import { type ContentMatrix, type ContentRow, contentRow } from './contentMatrix.ts';
import { type CoVisitationData, createCoVisitation } from './coVisitation.ts';
import { createEmbedderModel } from './embedderModel.ts';
import type { EmbedderWeights } from './embedderWeights.ts';
import type { ContentModel, PopularityTable, RetrievalModels } from './models.ts';
import { type StoredRows, VectorTable } from './vectorTable.ts';

/** All that training leaves behind, in arrays. */
export interface RetrievalData {
  readonly fields: FieldDefinitions;
  readonly itemCount: number;
  readonly eventWeights: Readonly<Record<string, number>>;
  readonly embedder: { readonly id: string; readonly weights: EmbedderWeights } | undefined;
  readonly coVisitation: CoVisitationData;
  readonly transitions: CoVisitationData;
  readonly wideCoVisitation: CoVisitationData;
  readonly popularity: PopularityTable;
  readonly quotas: Readonly<Record<string, number>>;
  readonly encoder: ContentEncoder;
  readonly content: ContentMatrix;
}

/** Content vectors of trained items that an index holds: they are read there instead of being kept twice. */
export interface StoredContent extends StoredRows {
  readonly dimensions: number;
  /** The index's row of a trained item, where it has one. */
  row(ordinal: number): number | undefined;
}

/** Puts every trained item's vectors together and answers lookups. */
export function createRetrievalModels(data: RetrievalData, stored?: StoredContent): RetrievalModels {
  const { encoder, itemCount } = data;
  const behaviour = data.embedder === undefined ? undefined : createEmbedderModel(data.embedder.id, data.embedder.weights);
  const known = stored?.dimensions === encoder.vectorDimensions ? stored : undefined;
  const contentVectors = new VectorTable(encoder.vectorDimensions, known === undefined ? itemCount : 0, known);
  const learnContent = (ordinal: number, row: ContentRow) => {
    const content = encoder.vector(row);
    if (content === undefined) contentVectors.delete(ordinal);
    else contentVectors.set(ordinal, content);
    return content;
  };
  const learnBehaviour = (ordinal: number, row: ContentRow) => {
    const vectors = behaviour?.compose(row, ordinal);
    if (vectors !== undefined) behaviour?.set(ordinal, vectors);
    return vectors?.output;
  };
  for (let i = 0; i < itemCount; i++) {
    const row = known?.row(i);
    if (row !== undefined) contentVectors.point(i, row);
    if (row !== undefined && behaviour === undefined) continue;
    const content = contentRow(data.content, i);
    if (row === undefined) learnContent(i, content);
    learnBehaviour(i, content);
  }
  return {
    trainedSize: itemCount,
    eventWeights: data.eventWeights,
    behaviour,
    coVisitation: createCoVisitation(data.coVisitation),
    transitions: createCoVisitation(data.transitions),
    wideCoVisitation: createCoVisitation(data.wideCoVisitation),
    popularity: data.popularity,
    quotas: data.quotas,
    content: contentModel(contentVectors),
    learnItem(ordinal, item, textVector) {
      const row = encoder.encode(item, textVector);
      return { behaviour: learnBehaviour(ordinal, row), content: learnContent(ordinal, row) };
    },
    forgetItem(ordinal) {
      contentVectors.delete(ordinal);
      behaviour?.forget(ordinal);
    },
  };
}

/** How many of the latest items a content query reads, and how much less each further one back weighs. */
const CONTENT_LAST = 10;
const CONTENT_DECAY = 0.8;

function contentModel(vectors: VectorTable): ContentModel {
  return {
    dimensions: vectors.width,
    vector: (ordinal) => vectors.row(ordinal),
    scoreAll: (query, out) => vectors.dotAll(query, out),
    scoreMany: (queries, ordinals, out) => vectors.dotMany(queries, ordinals, out),
    query(ordinals) {
      const out = new Float32Array(vectors.width);
      let square = 0;
      let read = 0;
      for (let i = ordinals.length - 1; i >= 0 && read < CONTENT_LAST; i--) {
        const row = vectors.row(ordinals[i]!);
        if (row === undefined) continue;
        const weight = CONTENT_DECAY ** read;
        for (let j = 0; j < out.length; j++) out[j]! += weight * row[j]!;
        read++;
      }
      for (const x of out) square += x * x;
      if (square === 0) return undefined;
      const length = Math.sqrt(square);
      for (let j = 0; j < out.length; j++) out[j]! /= length;
      return out;
    },
  };
}
