import { eventWeights } from '../../src/config/eventWeights.ts';
import type { ConfigFile } from '../../src/config/schema.ts';
import type { ItemId } from '../../src/domain/item.ts';
import { actorKey } from '../../src/features/index.ts';
import { readEvents } from '../../src/loop/readEvents.ts';
import type { EventLog, LogPosition } from '../../src/ports/eventLog.ts';
import { type Interactions, interactionsBuilder } from '../../src/retrieval/interactions.ts';

export interface LoggedInteractions extends Interactions {
  /** How many lists the log has that were shown. */
  readonly impressions: number;
}

/**
 * The log's actions on items that have an ordinal, as training may see them.
 * @param ordinals row of each item in the catalogue's table
 * @param to where to stop in `enriched-events`; default its end
 */
export async function loadInteractions(
  log: EventLog,
  ordinals: ReadonlyMap<ItemId, number>,
  config: Pick<ConfigFile, 'eventTypes'>,
  to?: LogPosition,
): Promise<LoggedInteractions> {
  const builder = interactionsBuilder(eventWeights(config));
  let impressions = 0;
  for await (const events of readEvents(log, to === undefined ? {} : { to })) {
    for (const event of events) {
      if (event.kind === 'impression') impressions += 1;
      if (event.kind !== 'action') continue;
      const { type, occurredAt, itemId } = event;
      const item = ordinals.get(itemId);
      const actor = actorKey(event);
      if (item === undefined || actor === undefined) continue;
      builder.add({ actor, item, time: occurredAt, type });
    }
  }
  let rows = 0;
  for (const ordinal of ordinals.values()) rows = Math.max(rows, ordinal + 1);
  return { ...builder.finish(rows), impressions };
}
