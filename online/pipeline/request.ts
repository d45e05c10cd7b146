import type { ItemId, SessionId, UserId } from '../../src/domain/item.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import type { Route } from '../../src/domain/pipeline.ts';

/** What a caller asks a list for, validated in form; ids may still be unknown and the filter may still be no CEL. */
export interface ListRequest {
  readonly route: Route;
  readonly userId?: UserId;
  readonly sessionId?: SessionId;
  /** Items an anonymous session acted upon, oldest first. */
  readonly sessionItems: readonly ItemId[];
  readonly text?: string;
  readonly anchor?: ItemId;
  readonly items?: readonly ItemId[];
  readonly limit: number;
  /** A CEL condition on items. */
  readonly filter?: string;
  readonly excludeSeen: boolean;
  readonly scenario?: string;
  readonly context: Readonly<Record<string, JsonValue>>;
  readonly cursor?: string;
  readonly explain: boolean;
  /** Whether the history may move the list; policies see the user all the same. */
  readonly personalise: boolean;
  readonly facets: readonly string[];
  readonly sort?: string;
  /** An item whose way through the stages is asked for; it is put among the candidates' record, never into the list. */
  readonly probe?: ItemId;
}
