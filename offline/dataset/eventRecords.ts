import { hash } from 'node:crypto';
import type { Action, Impression } from '../../src/domain/event.ts';
import { entityKey } from '../../src/domain/state.ts';
import type { LogEntry } from '../../src/ports/eventLog.ts';
import type { SortedEvent } from '../../src/ports/tables.ts';

/**
 * Sorted rows as entries of the log. Ids are hashes of what the event is, so that the same file gives the same ids, also
 * after rows were added to it: user, session, item, type, time, and how many equal ones came before.
 */
export function createRecordMaker(): (event: SortedEvent) => {
  id: string;
  time: number;
  userId: string | null;
  entry: LogEntry;
} {
  let time = Number.NEGATIVE_INFINITY;
  const seen = new Map<string, number>();
  return (sorted) => {
    if (sorted.kind === 'shown') {
      const id = hashId(['impression', sorted.user, sorted.session, sorted.request]);
      return { id, time: sorted.time, userId: sorted.user, entry: { key: actorKey(sorted), value: impression(id, sorted) } };
    }
    const { event } = sorted;
    if (event.time !== time) {
      seen.clear();
      time = event.time;
    }
    const identity = [event.user, event.session, event.item, event.type, event.time];
    const name = JSON.stringify(identity);
    const occurrence = seen.get(name) ?? 0;
    seen.set(name, occurrence + 1);
    const id = hashId([...identity, occurrence]);
    const value = {
      kind: 'action' as const,
      id,
      type: event.type,
      occurredAt: event.time,
      itemId: event.item,
      origin: 'import' as const,
      ...actor(event),
      ...(event.value === null ? {} : { value: event.value }),
      ...(event.request === null ? {} : { requestId: event.request }),
      ...(event.position === null ? {} : { position: event.position }),
    } satisfies Action;
    return { id, time: event.time, userId: event.user, entry: { key: actorKey(event), value } };
  };
}

/** Items without a position follow in the file's order; an item shown twice counts at its first place. */
function impression(id: string, shown: Extract<SortedEvent, { kind: 'shown' }>) {
  const unique = new Map<string, number>();
  let next = 1;
  for (const item of shown.items) {
    const position = item.position ?? next;
    if (unique.has(item.id)) continue;
    unique.set(item.id, position);
    next = position + 1;
  }
  return {
    kind: 'impression' as const,
    id,
    occurredAt: shown.time,
    requestId: shown.request,
    items: [...unique].map(([itemId, position]) => ({ id: itemId, position })),
    origin: 'import' as const,
    ...actor(shown),
  } satisfies Impression;
}

interface Who {
  readonly user: string | null;
  readonly session: string | null;
}

const actor = ({ user, session }: Who) => ({
  ...(user === null ? {} : { userId: user }),
  ...(session === null ? {} : { sessionId: session }),
});

const actorKey = ({ user, session }: Who): string =>
  user === null ? entityKey('session', session ?? '') : entityKey('user', user);

/** 128 bits of SHA-256, 22 characters. */
const hashId = (parts: readonly (string | number | null)[]): string =>
  hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22);
