import type { Progress } from '../cli/progress.ts';
import type { ContentMatrix } from '../retrieval/contentMatrix.ts';
import type { EmbedderSettings, EmbedderWeights } from '../retrieval/embedderWeights.ts';
import type { Sequences } from '../retrieval/interactions.ts';

/** What the embedding model learns from. */
export interface EmbedderData {
  readonly sequences: Sequences;
  readonly itemCount: number;
  /** What items are, by ordinal. */
  readonly content: ContentMatrix;
}

/**
 * Fits stage one's model. The same data, settings and seed give the same bytes on one backend: work is counted in steps,
 * never in seconds.
 */
export interface EmbedderTrainer {
  /** Name of the backend that computes, for the manifest. */
  readonly backend: string;
  /** `start`: weights to go on from, of the same shapes, instead of fresh ones. */
  train(data: EmbedderData, settings: EmbedderSettings, progress: Progress, start?: EmbedderWeights): Promise<EmbedderWeights>;
}
