import { z } from 'zod';
import type { ItemId } from '../../src/domain/item.ts';
import type { EventLog, LogPosition } from '../../src/ports/eventLog.ts';
import { IdSet } from '../../src/retrieval/idSet.ts';
import { type Interactions, interactionsBuilder } from '../../src/retrieval/interactions.ts';
import { readOwners } from './userChanges.ts';

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
  const owners = await readOwners(log);
  const weights = Object.fromEntries(Object.entries(config.eventTypes).map(([type, { weight }]) => [type, weight]));
  const builder = interactionsBuilder(weights);
  const known = new IdSet();
  for await (const batch of log.read('enriched-events', to === undefined ? {} : { to })) {
    for (const record of batch) {
      const action = actionSchema.safeParse(record.value);
      if (!action.success) continue;
      const { id, type, occurredAt, itemId, value } = action.data;
      const item = ordinals.get(itemId);
      const actor = owners.of(action.data, record.appendedAt);
      if (item === undefined || actor === undefined || !known.add(id)) continue;
      builder.add({ actor, item, time: occurredAt, type, ...(value === undefined ? {} : { value }) });
    }
  }
  let rows = 0;
  for (const ordinal of ordinals.values()) rows = Math.max(rows, ordinal + 1);
  return builder.finish(rows);
}
