import type { Item } from './item.ts';
import type {
  Candidate,
  EligibleCandidate,
  EnrichedCandidate,
  OverlaidCandidate,
  RankedCandidate,
  RuleEffect,
} from './pipeline.ts';
import type { EntityState } from './state.ts';

/*
 * How a candidate grows from stage to stage. Every property is named, those without a value too: copies by spread take about
 * eight times as long, and there are some hundreds in each stage of each request.
 */

/** Every key of a type, so that one forgotten here does not compile. */
type Complete<T> = { readonly [K in keyof Required<T>]: T[K] };

export const eligible = ({ id, ordinal, hits, match }: Candidate, item: Item): EligibleCandidate =>
  ({ id, ordinal, hits, match, item }) satisfies Complete<EligibleCandidate>;

export const enriched = (
  { id, ordinal, hits, match, item }: EligibleCandidate,
  state: EntityState | undefined,
): EnrichedCandidate => ({ id, ordinal, hits, match, item, state }) satisfies Complete<EnrichedCandidate>;

export const ranked = (
  { id, ordinal, hits, match, item, state }: EnrichedCandidate,
  relevance: number,
  contributions?: Readonly<Record<string, number>>,
): RankedCandidate => ({ id, ordinal, hits, match, item, state, relevance, contributions }) satisfies Complete<RankedCandidate>;

export const overlaid = (
  { id, ordinal, hits, match, item, state, relevance, contributions }: RankedCandidate,
  score: number,
  effects: readonly RuleEffect[],
  pinnedAt?: number,
): OverlaidCandidate =>
  ({
    id,
    ordinal,
    hits,
    match,
    item,
    state,
    relevance,
    contributions,
    score,
    effects,
    pinnedAt,
  }) satisfies Complete<OverlaidCandidate>;
