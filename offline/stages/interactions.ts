import { z } from 'zod';
import type { ItemId } from '../../src/domain/item.ts';
import { entityKey } from '../../src/domain/state.ts';
import type { EventLog, LogPosition } from '../../src/ports/eventLog.ts';
import { IdSet } from '../../src/retrieval/idSet.ts';
import { type Interactions, interactionsBuilder } from '../../src/retrieval/interactions.ts';

/** What is read of an enriched event. The log was validated when it was written, so only the shape matters here. */
const actionSchema = z.object({
  kind: z.literal('action'),
  id: z.string(),
  type: z.string(),
  occurredAt: z.number(),
  itemId: z.string(),
  userId: z.string().optional(),
  sessionId: z.string().optional(),
  value: z.number().optional(),
});

const actorSchema = z.object({ userId: z.string().optional(), sessionId: z.string().optional() });
const userChangeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user.delete'), id: z.string() }),
  z.object({ kind: z.literal('user.merge'), from: actorSchema, into: z.string() }),
]);

export interface InteractionsConfig {
  readonly eventTypes: Readonly<Record<string, { readonly weight: number }>>;
}

/**
 * The log's actions on items that have an ordinal: each event id once, those of erased users left out, those of merged
 * actors with whom they were merged into.
 * @param ordinals row of each item in the catalogue's table
 * @param to where to stop in `enriched-events`; default its end
 */
export async function loadInteractions(
  log: EventLog,
  ordinals: ReadonlyMap<ItemId, number>,
  config: InteractionsConfig,
  to?: LogPosition,
): Promise<Interactions> {
  const { erased, merged } = await readUserChanges(log);
  const weights = Object.fromEntries(Object.entries(config.eventTypes).map(([type, { weight }]) => [type, weight]));
  const builder = interactionsBuilder(weights);
  const known = new IdSet();
  for await (const batch of log.read('enriched-events', to === undefined ? {} : { to })) {
    for (const record of batch) {
      const action = actionSchema.safeParse(record.value);
      if (!action.success) continue;
      const { id, type, occurredAt, itemId, value } = action.data;
      const item = ordinals.get(itemId);
      const actor = resolve(actorOf(action.data), merged);
      if (item === undefined || actor === undefined || !known.add(id)) continue;
      // An import that comes after the erasure brings nothing back either: what happened before it stays erased.
      if (Math.min(occurredAt, record.appendedAt) <= (erased.get(actor) ?? Number.NEGATIVE_INFINITY)) continue;
      builder.add({ actor, item, time: occurredAt, type, ...(value === undefined ? {} : { value }) });
    }
  }
  let rows = 0;
  for (const ordinal of ordinals.values()) rows = Math.max(rows, ordinal + 1);
  return builder.finish(rows);
}

/** When each actor was erased, wall clock, and whom actors were merged into. */
async function readUserChanges(log: EventLog): Promise<{ erased: Map<string, number>; merged: Map<string, string> }> {
  const erased = new Map<string, number>();
  const merged = new Map<string, string>();
  for await (const batch of log.read('catalogue')) {
    for (const record of batch) {
      const change = userChangeSchema.safeParse(record.value);
      if (!change.success) continue;
      if (change.data.kind === 'user.delete') erased.set(entityKey('user', change.data.id), record.appendedAt);
      else {
        const from = actorOf(change.data.from);
        const into = entityKey('user', change.data.into);
        if (from !== undefined && from !== into) merged.set(from, into);
      }
    }
  }
  return { erased, merged };
}

function actorOf(event: { userId?: string | undefined; sessionId?: string | undefined }): string | undefined {
  if (event.userId !== undefined) return entityKey('user', event.userId);
  return event.sessionId === undefined ? undefined : entityKey('session', event.sessionId);
}

/** Follows merges to the end; a circle ends where it began. */
function resolve(actor: string | undefined, merged: ReadonlyMap<string, string>): string | undefined {
  let at = actor;
  const passed = new Set<string>();
  while (at !== undefined && !passed.has(at)) {
    passed.add(at);
    const next = merged.get(at);
    if (next === undefined) return at;
    at = next;
  }
  return at;
}
