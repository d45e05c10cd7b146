import type { Progress } from '../cli/progress.ts';
import type { Network } from '../ranking/network.ts';
import type { Scaling } from '../ranking/standardise.ts';
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

/** A part of a training: from which weights, and which of the settings' passes. */
export interface TrainingPart {
  /** Weights to go on from, of the same shapes, instead of fresh ones. */
  readonly start?: EmbedderWeights;
  /** Passes of `settings.epochs` that are done already; default 0. */
  readonly from?: number;
  /** The pass before which to stop; default `settings.epochs`. */
  readonly to?: number;
}

/**
 * Fits stage one's model. The same data, settings and seed give the same bytes on one backend: work is counted in steps,
 * never in seconds.
 */
export interface EmbedderTrainer {
  /** Name of the backend that computes, for the manifest. */
  readonly backend: string;
  train(data: EmbedderData, settings: EmbedderSettings, progress: Progress, part?: TrainingPart): Promise<EmbedderWeights>;
}

/** Lists to learn an order from: rows of list `l` are `offsets[l]` up to `offsets[l + 1]`. */
export interface RankerLists {
  readonly columns: number;
  /** Length: lists + 1. */
  readonly offsets: Int32Array;
  /** Raw columns, row-major. */
  readonly features: Float32Array;
  /** Gain of each row, 0 for what nobody wanted. */
  readonly labels: Float32Array;
  /** How many rows of the whole list each stands for, where rows were sampled; absent where none were. */
  readonly standsFor?: Float32Array;
}

export interface RankerSettings {
  readonly hidden: readonly [number, number];
  readonly loss: 'softmax' | 'lambda';
  readonly epochs: number;
  /** Lists in a step. */
  readonly batch: number;
  /** Adam's rate at the start; it falls linearly to nothing. */
  readonly rate: number;
  /** Decoupled weight decay, as a share of the rate. */
  readonly decay: number;
  readonly seed: number;
}

/** Fits stage two's network on standardised columns. Repeatable to the bit on one backend. */
export interface RankerTrainer {
  readonly backend: string;
  train(lists: RankerLists, scaling: Scaling, settings: RankerSettings, progress: Progress): Promise<Network>;
  /** Scores of raw rows, uncalibrated: for evaluation in bulk. */
  score(network: Network, scaling: Scaling, features: Float32Array): Float32Array;
}
