import { topK } from '../../retrieval/topK.ts';

/** A recommender that everything else has to beat. */
export interface Baseline {
  readonly name: string;
  /** Scores of all items for a history of ordinals, oldest first. May return the same array again. */
  score(history: readonly number[]): Float32Array | Float64Array;
}

/** The best k ordinals that are not excluded. */
export const recommend = (baseline: Baseline, history: readonly number[], k: number, excluded: ReadonlySet<number>): number[] =>
  topK(baseline.score(history), k, (item) => !excluded.has(item)).map(({ index }) => index);
