import type { ItemId } from '../../src/domain/item.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import type { HistoryEntry, Query } from '../../src/domain/pipeline.ts';
import type { EntityState } from '../../src/domain/state.ts';

/** The query that serving would have made of this moment. */
export function pastQuery(moment: {
  readonly actor: string;
  readonly history: readonly HistoryEntry[];
  readonly at: number;
  readonly userState?: EntityState;
  readonly route?: Query['route'];
  readonly text?: string;
  readonly anchor?: ItemId;
  readonly context?: JsonValue;
}): Query {
  const { actor, history, at, userState, route = 'recommend', text, anchor, context } = moment;
  const separator = actor.indexOf(':');
  const id = actor.slice(separator + 1);
  return {
    requestId: '',
    route,
    ...(actor.startsWith('user:') ? { userId: id } : { sessionId: id }),
    userFields: userState?.fields ?? {},
    ...(userState === undefined ? {} : { userState }),
    history,
    ...(text === undefined ? {} : { text }),
    ...(anchor === undefined ? {} : { anchor }),
    limit: 10,
    excludeSeen: true,
    context: isRecord(context) ? context : {},
    now: at,
    featureTime: at,
  };
}

const isRecord = (value: JsonValue | undefined): value is Readonly<Record<string, JsonValue>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
