import type { HistoryEntry } from '../domain/pipeline.ts';

/** Stage one's model: histories into the space of the items, where the inner product says what comes next. */
export interface Embedder {
  readonly id: string;
  readonly dimensions: number;
  /**
   * Query vectors, one for each history (oldest entry first). A history without a known item gives `undefined`: there is
   * nothing to go by.
   * @throws UnavailableError where the model is remote and away
   */
  embedHistories(histories: readonly (readonly HistoryEntry[])[]): Promise<(Float32Array | undefined)[]>;
}

/** Texts into unit vectors of one meaning space. */
export interface TextEncoder {
  readonly id: string;
  readonly dimensions: number;
  embed(texts: readonly string[]): Promise<Float32Array[]>;
  /** Ends what runs for it, such as threads; absent where nothing does. */
  close?(): Promise<void>;
}

/** Stage two's model. */
export interface Ranker {
  readonly id: string;
  /** Names of the columns it was trained on, in order; the vectoriser must give exactly these. */
  readonly columns: readonly string[];
  /**
   * Scores of one list, as probabilities of an action. `features` is row-major, one row of `columns.length` for each candidate.
   * Higher is better; a NaN never comes out.
   */
  score(features: Float32Array, rows: number): Promise<Float32Array>;
  /** Each column's part in each row's score, row-major like `features`; what method made them is in `attributionMethod`. */
  explain(features: Float32Array, rows: number): Promise<Float32Array>;
  readonly attributionMethod: string;
}
