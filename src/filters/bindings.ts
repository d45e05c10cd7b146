import type { Fields } from '../domain/item.ts';
import type { JsonValue } from '../domain/json.ts';
import type { Query } from '../domain/pipeline.ts';

/** What expressions see beside `item`. Serialisable, so that a remote index can evaluate or bind it. */
export interface Bindings {
  /** The user's attributes; the key `id`, which no attribute may have, is the user's own id where one is known. */
  readonly user: Fields;
  /** The attributes could not be looked up: reading any of them is an error, `has()` included. */
  readonly userUnknown?: true;
  readonly request: {
    readonly route: string;
    readonly scenario: string;
    readonly context: Readonly<Record<string, JsonValue>>;
  };
  /** Milliseconds since the epoch; a timestamp in CEL. */
  readonly now: number;
}

/** What a request's filter, policies and rules see of it. */
export function bindingsOf(query: Query): Bindings {
  return {
    user: query.userId === undefined ? query.userFields : { ...query.userFields, id: query.userId },
    ...(query.userUnknown ? { userUnknown: true } : {}),
    request: { route: query.route, scenario: query.scenario ?? '', context: query.context },
    now: query.now,
  };
}
