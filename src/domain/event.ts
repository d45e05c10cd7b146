import type { Item, ItemId, SessionId, User, UserId } from './item.ts';
import type { JsonValue } from './json.ts';

/** What a producer sends to `POST /events`, after the collector's top-level check and before its payload is validated. */
export interface RawEvent {
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
  readonly payload: JsonValue;
  /** How often it is sent through, counted from 1; absent is the first time. A replay raises it. */
  readonly attempt?: number;
}

/** Whose history an event belongs to: at least one of the two is present. */
export interface Actor {
  readonly userId?: UserId;
  readonly sessionId?: SessionId;
}

/** Something a person did with an item: one of the configured event types. */
export interface Action extends Actor {
  readonly kind: 'action';
  readonly id: string;
  readonly type: string;
  readonly occurredAt: number;
  readonly itemId: ItemId;
  readonly value?: number;
  /** The list it came from and the item's place in it, counted from 1, where the producer knows them. */
  readonly requestId?: string;
  readonly position?: number;
  /** Imported or live; absent is live. Imports bring each event once, so that their ids need not be remembered. */
  readonly origin?: Origin;
}

/** A list that was shown: one record a list. */
export interface Impression extends Actor {
  readonly kind: 'impression';
  readonly id: string;
  readonly occurredAt: number;
  readonly requestId: string;
  readonly items: readonly ShownItem[];
  readonly route?: 'recommend' | 'search' | 'similar' | 'rank';
  readonly query?: string;
  /** What its items are like, of a list of similar ones. */
  readonly anchor?: ItemId;
  readonly scenario?: string;
  readonly context?: JsonValue;
  readonly served?: ServedBy;
  readonly origin?: Origin;
}

export interface ShownItem {
  readonly id: ItemId;
  /** Counted from 1. */
  readonly position: number;
  readonly score?: number;
  /** The probability with which exploration put the item at this place, where exploration did. */
  readonly propensity?: number;
}

/** Which models answered. */
export interface ServedBy {
  readonly artifact: string;
  readonly ranker: string;
  readonly experiment: string | null;
}

/** What the enricher lets through to `enriched-events`. */
export type EnrichedEvent = Action | Impression;

/** A change of the catalogue or of who is known, in the `catalogue` topic. `origin` tells imported rows from live calls. */
export type CatalogueChange =
  | { readonly kind: 'item.put'; readonly item: Item; readonly origin: Origin }
  | { readonly kind: 'item.delete'; readonly id: ItemId; readonly origin: Origin }
  | { readonly kind: 'user.put'; readonly user: User; readonly origin: Origin }
  | { readonly kind: 'user.delete'; readonly id: UserId; readonly origin: Origin }
  | { readonly kind: 'user.merge'; readonly from: Actor; readonly into: UserId; readonly origin: Origin };

export type Origin = 'import' | 'live';
