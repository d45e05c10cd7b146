import type { Catalogue } from '../catalogue/catalogue.ts';
import type { EnrichedEvent } from '../domain/event.ts';
import type { FilterPlanner } from '../filters/planner.ts';
import type { LogPosition } from '../ports/eventLog.ts';
import type { Ranker, TextEncoder } from '../ports/models.ts';
import type { TextIndex } from '../ports/textIndex.ts';
import type { VectorIndex } from '../ports/vectorIndex.ts';
import type { DriftMonitor } from '../ranking/drift.ts';
import type { Ranking } from '../ranking/rank.ts';
import type { Vectoriser } from '../ranking/vectoriser.ts';
import type { RetrievalModels } from '../retrieval/models.ts';
import type { CandidateSource } from '../retrieval/source.ts';
import type { Manifest } from './manifest.ts';

/** What learned how texts are answered; where clicks taught it, it goes on counting them while it serves. */
export interface SearchRanking extends Ranking {
  readonly clicks?: {
    /** Next offsets of the enriched events after those that training counted. */
    readonly from: LogPosition;
    readonly take: (event: EnrichedEvent) => void;
  };
}

/** An artifact in memory: everything a request needs that training made. Serving and evaluation use the same one. */
export interface LoadedArtifact {
  readonly manifest: Manifest;
  readonly catalogue: Catalogue;
  readonly planner: FilterPlanner;
  readonly models: RetrievalModels;
  /** Over the behaviour model's item vectors; absent where there were no events to learn from. */
  readonly behaviourIndex?: VectorIndex;
  /** Over what items are: texts, categories, numbers. */
  readonly contentIndex?: VectorIndex;
  /** Over the text encoder's vectors of items, for searches by meaning. */
  readonly textVectorIndex?: VectorIndex;
  readonly textEncoder?: TextEncoder;
  readonly textIndex: TextIndex;
  readonly sources: readonly CandidateSource[];
  readonly vectoriser: Vectoriser;
  /** Absent until one was trained and let through: then lists keep retrieval's order. */
  readonly ranker?: Ranker;
  /** Absent where nothing taught it: then the untrained relevance leads searches. */
  readonly searches?: SearchRanking;
  /** How probably each place of a list is looked at, by position bucket, where a log of shown lists taught it. */
  readonly examination?: readonly number[];
  /** How what is ranked compares with what training saw. */
  readonly drift?: DriftMonitor;
  close(): Promise<void>;
}
