import type { ServedBy } from './event.ts';
import type { Fields, Item, ItemId, SessionId, UserId } from './item.ts';
import type { JsonValue } from './json.ts';
import type { EntityState } from './state.ts';

export type Route = 'recommend' | 'search' | 'similar' | 'rank';

/** One thing a person did, as the history keeps it; histories are ordered oldest first. */
export interface HistoryEntry {
  readonly itemId: ItemId;
  readonly type: string;
  readonly at: number;
  readonly value?: number;
}

/** A request, understood: whose it is, what they did before, and what they ask for. */
export interface Query {
  readonly requestId: string;
  readonly route: Route;
  readonly userId?: UserId;
  readonly sessionId?: SessionId;
  /** Attributes of the user; absent for strangers. Policies treat what is absent as unknown and fail closed. */
  readonly userFields: Fields;
  /** The store could not be asked: attributes are unknown, which `has()` in a policy must not take for missing. */
  readonly userUnknown?: true;
  readonly userState?: EntityState;
  /** The actor's latest actions, oldest first, the request's own `sessionItems` at the end. */
  readonly history: readonly HistoryEntry[];
  /** What the person typed, for a search. */
  readonly text?: string;
  /** The item of `GET /items/:id/similar`. */
  readonly anchor?: ItemId;
  /** The caller's own candidates, for `POST /rank`. */
  readonly items?: readonly ItemId[];
  readonly limit: number;
  readonly excludeSeen: boolean;
  readonly scenario?: string;
  readonly context: Readonly<Record<string, JsonValue>>;
  /** Wall clock, milliseconds: what rules and policies call `now`. */
  readonly now: number;
  /** The newest logged action's time, milliseconds: what features measure ages from. */
  readonly featureTime: number;
}

/** Where a candidate came from: its score there, comparable within the source only, and its rank from 1. */
export interface SourceHit {
  readonly source: string;
  readonly score: number;
  readonly rank: number;
}

/** How an item answers the text that was searched for. */
export interface TextMatch {
  /** The untrained relevance, 0 to 1. */
  readonly fused: number;
  /** Of the text's meaning and the item's; 0 where it is not known. */
  readonly cosine: number;
  /** How its words match: named numbers such as `lexical`, `coverage` or `bm25.title`. Empty where none does. */
  readonly words: Readonly<Record<string, number>>;
}

/** Retrieved, not yet checked. `ordinal` is the item's place in the catalogue's table. */
export interface Candidate {
  readonly id: ItemId;
  readonly ordinal: number;
  readonly hits: readonly SourceHit[];
  /** Searches only. */
  readonly match?: TextMatch;
}

/** In the catalogue, and let through by the request's filter and by every policy. */
export interface EligibleCandidate extends Candidate {
  readonly item: Item;
}

/** With what the feature store knows of it; `state` is absent for an item nobody has touched. */
export interface EnrichedCandidate extends EligibleCandidate {
  readonly state?: EntityState;
}

/** Scored. `relevance` is the model's own output; rules may move `score` away from it. */
export interface RankedCandidate extends EnrichedCandidate {
  readonly relevance: number;
  readonly contributions?: Readonly<Record<string, number>>;
}

/** One rule's doing on one item. */
export interface RuleEffect {
  readonly rule: string;
  readonly effect: string;
  readonly before: number;
  readonly after: number;
}

/** After the overlays: the score that orders the list, and every rule that touched it. */
export interface OverlaidCandidate extends RankedCandidate {
  readonly score: number;
  readonly effects: readonly RuleEffect[];
  /** The slot a pin gave it, counted from 1. */
  readonly pinnedAt?: number;
}

/** Why an item left the pipeline, and where. */
export interface Removal {
  readonly id: ItemId;
  readonly stage: StageName;
  /** The policy's or rule's id, or the name of a reason such as `seen`, `filter`, `unknown-item`, `below-cut`. */
  readonly reason: string;
  readonly detail?: string;
}

export type StageName = 'retrieve' | 'filter' | 'enrich' | 'rank' | 'rules' | 'policy' | 'page';

/** What every stage that may drop something returns. */
export interface StageResult<T> {
  readonly kept: readonly T[];
  readonly removed: readonly Removal[];
}

export interface SlateItem {
  readonly id: ItemId;
  readonly score: number;
  readonly sources: readonly SourceHit[];
  readonly fields: Fields;
  readonly explanation?: Explanation;
}

export interface Explanation {
  readonly relevance: number;
  readonly contributions: Readonly<Record<string, number>>;
  readonly effects: readonly RuleEffect[];
  readonly pinnedAt?: number;
}

/** The answer to a list request. */
export interface Slate {
  readonly requestId: string;
  readonly items: readonly SlateItem[];
  readonly nextCursor: string | null;
  /** Names of the stages that answered with less than they can, such as `ranker` or `store`. */
  readonly degraded: readonly string[];
  readonly served: ServedBy;
}
