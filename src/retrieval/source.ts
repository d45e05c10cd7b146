import type { ItemId } from '../domain/item.ts';
import type { Query } from '../domain/pipeline.ts';
import type { ItemFilter } from '../filters/itemFilter.ts';

/** One item a source proposes. Lists are best first. */
export interface Proposal {
  readonly id: ItemId;
  readonly score: number;
}

/** A way to find candidates. Sources run side by side; what they propose is merged by quota. */
export interface CandidateSource {
  readonly name: string;
  /** Share of the pool for someone with a history, where the build chose one on held-out entries. */
  readonly share?: number;
  /** Whether it has anything to say about this query, such as what follows a history about one without any. */
  applies(query: Query): boolean;
  /** Up to `k` items that the filter keeps, best first. @throws UnavailableError; the others go on without it */
  retrieve(query: Query, k: number, filter: ItemFilter): Promise<readonly Proposal[]>;
}
